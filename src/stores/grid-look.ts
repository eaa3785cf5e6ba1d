import { StowageError } from '../errors.ts';
import { gridError } from '../grid/errno.ts';
import { type CatalogueEntry, catalogueEntry, foundFile } from '../grid/grid-results.ts';
import { displayName } from '../model/byte-name.ts';
import { printableWord } from '../model/printable-word.ts';
import type { GridSessions } from './grid-link.ts';
import type { GridPlaces } from './grid-places.ts';

interface Call {
  readonly signal?: AbortSignal;
}

const absent = 2;
const notDirectory = 20;

/** What the catalogue has under each of these names, in their order; undefined for what it says that it has not. */
export async function lookAt(
  { grid }: Pick<GridSessions, 'grid'>,
  lfns: readonly string[],
  call: Call,
): Promise<readonly (CatalogueEntry | undefined)[]> {
  // Several at once are answered with those that there are, and the error of the last that there is not.
  const reply = await grid.send('stat', ['-nomsg', ...lfns], call);
  if (reply.exitCode !== 0 && reply.exitCode !== absent) throw gridError('stat', reply.exitCode, reply.error);
  const found = new Map(
    reply.results.map((result) => {
      const entry = catalogueEntry(result);
      return [entry.lfn.replace(/(?<=.)\/$/, ''), entry];
    }),
  );
  const seen = lfns.map((lfn) => found.get(lfn));
  const strange = found.size !== new Set(lfns.filter((lfn) => found.has(lfn))).size;
  const isWhole = reply.exitCode === absent || seen.every((one) => one !== undefined);
  if (strange || !isWhole)
    throw new StowageError(
      'unavailable',
      `the central server did not say what there is of ${lfns.map(displayName).join(', ')}`,
      {
        facts: { asked: lfns.length, answered: reply.results.length },
      },
    );
  return seen;
}

/** Rejects with `unavailable` unless the directory of the store is there: a slip in its name is no new empty store. */
export async function requireRoot(sessions: GridSessions, places: GridPlaces, call: Call): Promise<void> {
  const [root] = await lookAt(sessions, [places.root], call);
  if (root?.type === 'directory') return;
  const what = root === undefined ? 'does not exist' : 'is no directory';
  throw new StowageError('unavailable', `the store ${places.location} ${what}`, {
    hint: `if it is new: stowage grid mkdir -p ${printableWord(places.root)}`,
  });
}

export interface ListedFile {
  readonly lfn: string;
  readonly bytes: number;
  readonly md5?: string;
  readonly guid?: string;
  readonly changed: Date;
}

/** More are asked for by directories, so that no answer outgrows the memory. */
const mostAtOnce = 50_000;

/** Every file below a directory, or none if there is no such directory. Complete or throws. */
export async function* filesBelow(
  sessions: GridSessions,
  directory: string,
  call: Call,
  most = mostAtOnce,
): AsyncGenerator<ListedFile> {
  const { grid } = sessions;
  const reply = await grid.send('find', ['-nomsg', '-f', '-a', '-s', '-l', String(most + 1), directory, '*'], call);
  if (reply.exitCode === notDirectory || reply.exitCode === absent) {
    // The server says the same of a directory that is not there and of a file: what it is, stat tells.
    const [entry] = await lookAt(sessions, [directory], call);
    if (entry?.type !== 'directory') return;
  }
  if (reply.exitCode !== 0) throw gridError('find', reply.exitCode, reply.error);
  if (reply.results.length <= most) {
    for (const result of reply.results) {
      const { type } = result;
      if (type === 'f' || type === 'a' || type === undefined) yield foundFile(result);
    }
    return;
  }
  const files: string[] = [];
  for (const entry of await grid.ls(`${directory}/`, { all: true, ...call })) {
    if (entry.type === 'directory') yield* filesBelow(sessions, entry.lfn.replace(/\/$/, ''), call, most);
    else files.push(entry.lfn);
  }
  for (let from = 0; from < files.length; from += 1000) {
    for (const entry of await lookAt(sessions, files.slice(from, from + 1000), call)) {
      if (entry === undefined || entry.type === 'directory' || entry.type === 'collection') continue;
      yield { ...entry, bytes: entry.bytes ?? 0 };
    }
  }
}
