import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { joinPath, unsafePath } from '../model/relative-path.ts';
import { type BlockSource, blockBytes, blocksOf } from './block-source.ts';
import { rockRidge } from './rock-ridge.ts';
import type { Volume } from './volume.ts';

/** A run of blocks that holds a piece of a file. */
export interface Extent {
  readonly block: number;
  readonly bytes: number;
}

/** One name on a disc. */
export interface DiscEntry {
  /** Relative to the disc's root, in memory form. */
  readonly path: string;
  readonly type: 'file' | 'link' | 'directory' | 'other';
  readonly bytes: number;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number | undefined;
  readonly target?: string;
  /** Where the content lies; several for a file of 4 GiB or more. */
  readonly extents: readonly Extent[];
}

/** More than any tree of ours: a damaged one may go down without an end. */
const deepest = 1024;

/**
 * Every name that a session shows, directories before what is in them, in the order of the disc. Throws `corrupt` for a tree that cannot be
 * followed, naming the directory.
 */
export async function* readTree(source: BlockSource, volume: Volume): AsyncGenerator<DiscEntry> {
  yield* readDirectory(source, volume.root, '', 0);
}

async function* readDirectory(source: BlockSource, at: Extent, path: string, depth: number): AsyncGenerator<DiscEntry> {
  const entries: DiscEntry[] = [];
  try {
    if (depth > deepest) throw new StowageError('corrupt', `it is more than ${deepest} directories deep`);
    entries.push(...(await recordsOf(source, at, path)));
  } catch (cause) {
    const shown = path === '' ? 'the root directory' : `the directory '${displayName(path)}'`;
    throw new StowageError('corrupt', `${shown} on the disc cannot be read: ${reasonOf(cause)}`, { cause });
  }
  for (const entry of entries) {
    yield entry;
    if (entry.type === 'directory') yield* readDirectory(source, entry.extents[0]!, entry.path, depth + 1);
  }
}

async function recordsOf(source: BlockSource, at: Extent, path: string): Promise<readonly DiscEntry[]> {
  if (at.bytes === 0 || at.bytes % blockBytes !== 0) throw new StowageError('corrupt', 'its size is none');
  const found: DiscEntry[] = [];
  let pending: Extent[] = [];
  for (let block = 0; block < blocksOf(at.bytes); block += 1) {
    const bytes = await source.read(at.block + block, blockBytes);
    // Records do not cross blocks; a zero length fills up the rest of one.
    for (let offset = 0; offset < blockBytes && bytes[offset]! > 0; offset += bytes[offset]!) {
      const record = bytes.subarray(offset, offset + bytes[offset]!);
      const nameLength = record[32] ?? 0;
      const areaAt = 33 + nameLength + ((nameLength + 1) % 2);
      if (record.length < 34 || areaAt > record.length) throw new StowageError('corrupt', 'a record is cut off');
      if (nameLength === 1 && record[33]! <= 1) continue;
      pending.push({ block: record.readUInt32LE(2), bytes: record.readUInt32LE(10) });
      // Not the final record of a file of several extents.
      if ((record[25]! & 0x80) !== 0) continue;
      found.push(await entryOf(source, record, record.subarray(areaAt), path, pending));
      pending = [];
    }
  }
  if (pending.length > 0) throw new StowageError('corrupt', 'its last file lacks its end');
  return found;
}

async function entryOf(
  source: BlockSource,
  record: Buffer,
  area: Buffer,
  parent: string,
  extents: readonly Extent[],
): Promise<DiscEntry> {
  const { name, mode, uid, gid, mtimeSeconds, target } = await rockRidge(source, area);
  if (name === undefined || name.includes('/') || unsafePath(name) !== undefined)
    throw new StowageError('corrupt', `it holds the name '${displayName(name ?? '')}', which is none`);
  const type = typeOf(mode);
  const isDirectory = (record[25]! & 2) !== 0;
  const path = joinPath(parent, name);
  if (isDirectory !== (type === 'directory'))
    throw new StowageError('corrupt', `'${displayName(name)}' is a directory and is not`);
  return {
    path,
    type,
    bytes: type === 'file' ? extents.reduce((sum, one) => sum + one.bytes, 0) : 0,
    mode: mode & 0o7777,
    uid,
    gid,
    mtimeSeconds,
    ...(type === 'link' ? { target: target ?? '' } : {}),
    extents,
  };
}

function typeOf(mode: number): DiscEntry['type'] {
  const bits = mode & 0o170000;
  if (bits === 0o100000) return 'file';
  if (bits === 0o120000) return 'link';
  return bits === 0o040000 ? 'directory' : 'other';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
