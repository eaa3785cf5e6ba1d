import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { StowageError, systemCode } from '../../../errors.ts';
import type { GridSession } from '../../../grid/connect.ts';
import type { CatalogueEntry } from '../../../grid/grid-results.ts';
import { isLocalName, localPath } from '../../../grid/lfn.ts';
import { displayName, fsPath } from '../../../model/byte-name.ts';
import type { CopyPair } from './copy-line.ts';
import { doubtfulPlace, readGridPlace } from './grid-place.ts';
import { type KeptNames, keptName } from './target-names.ts';

/** A source and a destination of which it is known on which side each is. */
export interface PlacedPair {
  readonly kind: 'upload' | 'download';
  /** Absolute, without `/` at its end, on the Grid. */
  readonly lfn: string;
  /** Absolute, without `/` at its end, on this machine. */
  readonly local: string;
  readonly where: readonly string[];
  /** True if the source was given with `/` at its end: its content, without itself. */
  readonly isContent: boolean;
  /** True if the destination is a directory by the way it was given. */
  readonly isInto: boolean;
  /** The source, as it was typed, for people. */
  readonly shown: string;
  /** The name on the Grid as it was typed, if it holds what may have been meant as a place. */
  readonly doubtful: string | undefined;
  /** Which files of the source, where its name held a `*`. */
  readonly pattern?: string;
}

/** Tells which side is which. Throws `usage`, with errno 1, for a copy within one side. */
export async function placedPair(
  { source, destination, isInto }: CopyPair,
  { grid, home }: { readonly grid: Pick<GridSession, 'lfn'>; readonly home: string },
): Promise<PlacedPair> {
  const isUpload = isLocalName(source);
  if (isUpload === isLocalName(destination)) throw onOneSide(source, destination, isUpload);
  const [here, there] = isUpload ? [source, destination] : [destination, source];
  const { name, where, isDoubtful } = readGridPlace(there);
  const lfn = await grid.lfn(name);
  const path = withHome(localPath(here), home);
  const isFolder = (text: string) => /(^|\/)(\.{1,2})?$/.test(text);
  const ends = { here: isFolder(path), there: lfn.endsWith('/') };
  return {
    kind: isUpload ? 'upload' : 'download',
    lfn: lfn === '/' ? lfn : lfn.replace(/\/$/, ''),
    local: resolve(path === '' ? '.' : path),
    where,
    isContent: isUpload ? ends.here : ends.there,
    isInto: isInto || (isUpload ? ends.there : ends.here),
    shown: displayName(source),
    doubtful: isDoubtful ? there : undefined,
  };
}

/** The names of targets, by the path of a file below its source; undefined for the source itself. */
export function targetOf(
  pair: PlacedPair,
  kept: KeptNames,
  entry: CatalogueEntry | undefined,
): (below: string | undefined) => string {
  const isUpload = pair.kind === 'upload';
  const [source, target] = isUpload ? [pair.local, pair.lfn] : [pair.lfn, pair.local];
  const is = isUpload ? kindOfEntry(entry) : kindOfPath(pair.local);
  if (isUpload && is === 'absent' && pair.doubtful !== undefined) throw doubtfulPlace(pair.doubtful);
  const isNamed = !pair.isInto && is !== 'directory' && kept.parent === undefined && kept.rmprefix === undefined;
  return (below) => {
    if (below === undefined && isNamed) return target;
    if (is === 'file') {
      throw new StowageError('exists', `'${displayName(target)}' is a file, and a directory was asked for`, {
        facts: { errno: 20 },
      });
    }
    return `${target === '/' ? '' : target}/${keptName({ source, below, isContent: pair.isContent }, kept)}`;
  };
}

function kindOfEntry(entry: CatalogueEntry | undefined): 'absent' | 'directory' | 'file' {
  return entry === undefined ? 'absent' : entry.type === 'directory' ? 'directory' : 'file';
}

function kindOfPath(path: string): 'absent' | 'directory' | 'file' {
  let stats: Stats;
  try {
    stats = statSync(fsPath(path));
  } catch (error) {
    // Whatever else is wrong with it is told when it is written.
    if (systemCode(error) !== 'ENOENT') return 'file';
    return 'absent';
  }
  return stats.isDirectory() ? 'directory' : 'file';
}

function withHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? `${home}${path.slice(1)}` : path;
}

function onOneSide(source: string, destination: string, isHere: boolean): StowageError {
  const what = `cp: '${displayName(source)}' and '${displayName(destination)}' are both`;
  return new StowageError('usage', `${what} ${isHere ? 'on this machine' : 'on the Grid'}`, {
    hint: isHere
      ? 'names of the Grid stand without file:'
      : 'names of this machine begin with file:, as in cp data/a.root file:.',
    facts: { errno: 1 },
  });
}
