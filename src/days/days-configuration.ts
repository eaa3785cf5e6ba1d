import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { ReachedPlace } from '../pool/archives/day-archives.ts';
import { type Configuration, readConfiguration } from '../rules/configuration.ts';

/** What is in a day's directory, as far as the rules must know it. */
export interface DayNames {
  /** The directories in it, one for each peer. */
  readonly peers: readonly string[];
  /** Paths of files that are not archived. */
  readonly left: readonly string[];
}

/** What lies in a day beside its peers goes here: the archive of a peer has no folder in its name. */
const besidePeers = 'files/day.tar';

/**
 * The configuration by which a pool's days are archived: the staging directory is the root, each day a section, each peer an archive, `YYYY/MM/DD/PEER.tar`. A day without
 * names has no rules: its archives can be looked at, and none is made. Throws `configuration` for a peer whose name the rules' language has for itself.
 */
export function daysConfiguration(
  { target, root, settings }: ReachedPlace,
  days: ReadonlyMap<string, DayNames | undefined>,
): Configuration {
  const text = JSON.stringify({
    __config__: { root, store: target, ...settings },
    ...Object.fromEntries(
      [...days].map(([day, names]) => [day, names === undefined ? { __exclude__: [] } : sectionOf(names)]),
    ),
  });
  const { configuration, problems } = readConfiguration(Buffer.from(text), 'days.json');
  if (configuration !== undefined) return configuration;
  const { message, keys, suggestion } = problems.find(({ severity }) => severity === 'error')!;
  throw new StowageError(
    'configuration',
    `cannot store this as archives: ${keys.map(displayName).join(' → ')}: ${message}`,
    suggestion === undefined ? {} : { hint: suggestion },
  );
}

function sectionOf({ peers, left }: DayNames): object {
  // Any character, a line feed too, up to the very end.
  const rules = peers.map((peer) => [
    peer,
    { [`${literally(peer)}/[^\\0]*\\Z`]: `${peer.replaceAll('\\', '\\\\')}.tar` },
  ]);
  return { __exclude__: left, __top__: { '[^/\\0]+\\Z': besidePeers }, ...Object.fromEntries(rules) };
}

/** A pattern that fits this text and no other. */
function literally(text: string): string {
  return text.replace(/[^A-Za-z0-9_\u0080-\uffff]/g, (one) => `\\${one}`);
}
