import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { ReachedPlace } from '../pool/archives/day-archives.ts';
import { type Configuration, readConfiguration } from '../rules/configuration.ts';

/** Which archives are made of a day's directory. */
export interface DayNames {
  /** By the directory of each peer, the archive that it goes into. */
  readonly peers: ReadonlyMap<string, string>;
  /** The archive of what lies beside them. */
  readonly beside: string;
  /** Paths of files that go into none. */
  readonly left: readonly string[];
}

/**
 * The configuration by which a pool's days are archived: the staging directory is the root, each day a section, and what is new of a peer an archive. A day without
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

function sectionOf({ peers, beside, left }: DayNames): object {
  // Any character, a line feed too, up to the very end.
  const rules = [...peers].map(([peer, name]) => [
    peer,
    { [`${literally(peer)}/[^\\0]*\\Z`]: name.replaceAll('\\', '\\\\') },
  ]);
  return { __exclude__: left, __top__: { '[^/\\0]+\\Z': beside }, ...Object.fromEntries(rules) };
}

/** A pattern that fits this text and no other. */
function literally(text: string): string {
  return text.replace(/[^A-Za-z0-9_\u0080-\uffff]/g, (one) => `\\${one}`);
}
