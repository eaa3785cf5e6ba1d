import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type ChecksumTurns, checksumTurns } from './checksum-turns.ts';
import { answerBytes, listingBytes } from './limits.ts';
import { checksumReply, configReply, text } from './reply.ts';
import { listRequest, makeDirectoryRequest, moveRequest, pathRequest, queryRequest, type Request } from './request.ts';
import type { Answer, Question, Session } from './session.ts';
import { type DirectoryEntry, type EntryStat, parseListing, parseStat } from './stat.ts';
import { displayUrl, fullPath, joinCgi, parseXrootdUrl, serverOf, type XrootdUrl } from './url.ts';

/** Every wait can be ended. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What stat says; undefined only if the server says that nothing is there. */
export async function statUrl(
  session: Session,
  url: string,
  options: CallOptions = {},
): Promise<EntryStat | undefined> {
  const ask = asking(session, url, 'look at', true, options);
  try {
    const { body } = await ask((path) => pathRequest('stat', path));
    return parseStat(text(body));
  } catch (error) {
    if (isStowageError(error, 'missing')) return undefined;
    throw error;
  }
}

/** All names in a directory, with what stat says of each. Complete or throws. */
export async function listUrl(
  session: Session,
  url: string,
  options: CallOptions = {},
): Promise<readonly DirectoryEntry[]> {
  const { body } = await asking(session, url, 'list', true, options, { mostBytes: listingBytes })((path) =>
    listRequest(path),
  );
  return parseListing(text(body));
}

/** Makes a directory; `parents` makes those above it too. Servers are content with one that is there. */
export async function makeDirectory(
  session: Session,
  url: string,
  options: CallOptions & { readonly parents?: boolean; readonly mode?: number } = {},
): Promise<void> {
  const { parents = false, mode = 0o755 } = options;
  await asking(session, url, 'make', parents, options)((path) => makeDirectoryRequest(path, parents, mode));
}

/** Removes a file. Rejects with `missing` if it is not there. Not asked again where the answer was lost: it may be gone. */
export async function removeFile(session: Session, url: string, options: CallOptions = {}): Promise<void> {
  await asking(session, url, 'remove', false, options)((path) => pathRequest('rm', path));
}

/** Removes an empty directory. */
export async function removeDirectory(session: Session, url: string, options: CallOptions = {}): Promise<void> {
  await asking(session, url, 'remove', false, options)((path) => pathRequest('rmdir', path));
}

/** Renames on one server. What lies at the new name is replaced, as servers do it. */
export async function moveUrl(session: Session, from: string, to: string, options: CallOptions = {}): Promise<void> {
  const [source, target] = [parseXrootdUrl(from), parseXrootdUrl(to)];
  if (serverOf(source) !== serverOf(target)) {
    throw new StowageError(
      'usage',
      `cannot rename ${displayUrl(source)} to ${displayUrl(target)}: that is another server`,
    );
  }
  await asking(session, from, 'rename', false, options)((path) => moveRequest(path, fullPath(target)));
}

/** A checksum as the server knows it or computes it: of the kind asked for, else of the kind that it has first. */
export async function checksumUrl(
  session: Session,
  url: string,
  options: CallOptions & { readonly kind?: string } = {},
): Promise<{ readonly kind: string; readonly value: string }> {
  const { kind, signal } = options;
  const turn = await turnsOf(session, url).take(
    `cannot get the checksum of ${displayUrl(parseXrootdUrl(url))}`,
    signal,
  );
  const ask = asking(session, url, 'get the checksum of', true, options, { sentAway: turn.sentAway });
  const { body } = await ask((_, target) => {
    const cgi = kind === undefined ? target.cgi : joinCgi(target.cgi, `cks.type=${kind}`);
    return queryRequest('checksum', fullPath({ path: target.path, cgi }));
  }).finally(turn.over);
  const found = checksumReply(body);
  if (kind === undefined || found.kind === kind) return found;
  throw new StowageError(
    'unavailable',
    `${serverOf(parseXrootdUrl(url))} gives ${found.kind} where ${kind} was asked for`,
    {
      facts: { errno: 'ENOTSUP' },
    },
  );
}

const turns = new WeakMap<Session['ask'], Map<string, ChecksumTurns>>();

/** The turns for checksums of this server. */
function turnsOf({ ask }: Session, url: string): ChecksumTurns {
  const server = serverOf(parseXrootdUrl(url));
  const ofSession = turns.get(ask) ?? new Map<string, ChecksumTurns>();
  turns.set(ask, ofSession);
  const found = ofSession.get(server) ?? checksumTurns();
  ofSession.set(server, found);
  return found;
}

/** Settings of a server by name; a server answers with the name itself for one that it does not have. */
export async function configOf(
  session: Session,
  url: string,
  names: readonly string[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const ask = asking(session, url, 'get the settings of', true, options);
  const lines = configReply((await ask(() => queryRequest('config', names.join(' ')))).body);
  return new Map(names.map((name, index) => [name, lines[index] ?? '']));
}

/** Questions about one URL, wherever it sends us. `verb` is for messages. */
export function asking(
  session: Session,
  text: string,
  verb: string,
  isRepeatable: boolean,
  { signal }: CallOptions,
  more: Partial<Pick<Question, 'mostBytes' | 'sentAway'>> = {},
): (request: (path: string, target: XrootdUrl) => Request) => Promise<Answer> {
  const url = parseXrootdUrl(text);
  refuseUnsendable(url);
  return (request) =>
    session.ask({
      url,
      what: `cannot ${verb} ${displayUrl(url)}`,
      isRepeatable,
      mostBytes: answerBytes,
      ...more,
      request: (target) => request(fullPath(target), target),
      ...(signal === undefined ? {} : { signal }),
    });
}

/** A path ends at a zero byte for servers, and names never lead upwards. */
export function refuseUnsendable(url: XrootdUrl): void {
  if (!/\0/.test(url.path + url.cgi) && !url.path.split('/').includes('..')) return;
  throw new StowageError('usage', `'${displayName(url.path)}' is no path that can be asked for`);
}
