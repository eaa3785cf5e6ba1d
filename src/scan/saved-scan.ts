import { readdir, readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { FileOperations } from '../durable/file-operations.ts';
import { writeQuick } from '../durable/whole-file.ts';
import { isStowageError } from '../errors.ts';
import { fsPath, type NameInJson, nameFromJson, nameToJson } from '../model/byte-name.ts';
import { shardLines } from '../shards/stored-listing.ts';
import type { ScanState } from './scan-ledger.ts';
import type { Work } from './work.ts';

/** How far a scan of a section was when a shard was finished: enough to go on from there. */
export interface SavedScan {
  readonly section: string;
  readonly roots: readonly string[];
  /** ISO 8601, UTC. */
  readonly begunAt: string;
  readonly state: ScanState;
}

const namePattern = /^left-(\d{6,})\.json$/;

/** Where the state with so many shards is saved. */
function savedName(shards: number): string {
  return `left-${String(shards).padStart(6, '0')}.json`;
}

/** True for the name of a file that only an unfinished scan needs. */
export function isSavedScan(name: string): boolean {
  return namePattern.test(name);
}

/** How many bytes `saveScan` would write, about. */
export function savedSize({ left }: ScanState): number {
  return left.reduce((sum, { packed }) => sum + packed.length * 1.4 + 100, 0);
}

/** Saves how far a scan is beside its shards. Rejects with `full` or `unavailable`. */
export function saveScan(files: FileOperations, folder: string, saved: SavedScan): Promise<void> {
  const { section, roots, begunAt, state } = saved;
  const text = JSON.stringify({
    format: 1,
    section: nameToJson(section),
    roots: roots.map(nameToJson),
    begun: begunAt,
    shards: state.shards,
    counts: state.counts,
    unseen: state.unseen,
    left: state.left.map(({ kind, disk, directory, count, packed }) => ({
      kind,
      disk,
      directory: Buffer.from(directory, 'latin1').toString('base64'),
      count,
      names: Buffer.from(packed).toString('base64'),
    })),
  });
  const path = `${folder}/${savedName(state.shards.length)}`;
  return writeQuick(files, path, `${text.slice(0, -1)},"crc32":${crc32(text)}}\n`);
}

/** The last state that was saved in a folder and whose shards are all whole; undefined if there is none, whatever the reason. */
export async function lastSavedScan(folder: string): Promise<SavedScan | undefined> {
  const names = (await readdir(fsPath(folder))).filter(isSavedScan).sort().reverse();
  // Each state has the shards of the one before: the first that is not whole spoils it and all that come after.
  let spoiled = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const saved = parseSaved(await readFile(fsPath(`${folder}/${name}`), 'utf8'));
    if (saved === undefined || saved.state.shards.length > spoiled) continue;
    const bad = firstBadShard(folder, saved);
    if (bad < 0) return saved;
    spoiled = bad;
  }
  return undefined;
}

function firstBadShard(folder: string, { roots, begunAt, state }: SavedScan): number {
  return state.shards.findIndex((shard) => {
    try {
      shardLines({ folder, source: 'scan', roots, begunAt, endedAt: begunAt, shards: state.shards }, shard);
      return false;
    } catch (error) {
      if (!isStowageError(error, 'corrupt', 'unavailable')) throw error;
      return true;
    }
  });
}

function parseSaved(text: string): SavedScan | undefined {
  const seal = /,"crc32":(\d+)\}\n$/.exec(text);
  const body = seal === null ? '' : `${text.slice(0, seal.index)}}`;
  if (seal === null || crc32(body) !== Number(seal[1])) return undefined;
  const said = JSON.parse(body) as Omit<ScanState, 'left'> & {
    readonly format: number;
    readonly section: NameInJson;
    readonly roots: readonly NameInJson[];
    readonly begun: string;
    readonly left: readonly (Omit<Work, 'packed'> & { readonly names: string })[];
  };
  if (said.format !== 1) return undefined;
  const { shards, counts, unseen } = said;
  const left = said.left.map(({ kind, disk, directory, count, names }) => ({
    kind,
    disk,
    directory: Buffer.from(directory, 'base64').toString('latin1'),
    count,
    packed: Buffer.from(names, 'base64'),
  }));
  return {
    section: nameFromJson(said.section),
    roots: said.roots.map(nameFromJson),
    begunAt: said.begun,
    state: { shards, counts, unseen, left },
  };
}
