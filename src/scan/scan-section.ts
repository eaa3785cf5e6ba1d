import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { plainReason, systemCode } from '../errors.ts';
import { fsPath, nameFromBytes } from '../model/byte-name.ts';
import type { Entry, EntryType, Unseen } from '../model/entry.ts';
import { joinPath } from '../model/relative-path.ts';

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /** Told now and then how many entries were seen so far. */
  readonly progress?: (entries: number) => void;
}

const batchSize = 2000;

/**
 * Everything below the section's roots, in batches: each entry once per disk that has it, per directory in the order of the
 * names. What cannot be looked at is told as `Unseen`, and the scan goes on. A link that leads to the same relative path on
 * another of the roots is how a physical disk is hung into the tree: it is left out, what it stands for is found on that disk.
 */
export async function* scanSection(
  roots: readonly string[],
  options: ScanOptions = {},
): AsyncGenerator<readonly (Entry | Unseen)[]> {
  let seen = 0;
  for (const disk of roots) {
    const others = roots.filter((root) => root !== disk);
    const folders = [''];
    let batch: (Entry | Unseen)[] = [];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const below: string[] = [];
      const names = namesIn(disk, folder);
      if (!Array.isArray(names)) {
        batch.push(names);
        continue;
      }
      for (const name of names) {
        const found = look(disk, joinPath(folder, name), others);
        if (found === undefined) continue;
        if ('type' in found && found.type === 'directory') below.push(found.path);
        batch.push(found);
        if (batch.length < batchSize) continue;
        seen += batch.length;
        yield batch;
        batch = [];
        options.progress?.(seen);
        options.signal?.throwIfAborted();
        await setImmediate(); // lets signals and the progress line through
      }
      folders.push(...below.reverse());
    }
    seen += batch.length;
    yield batch;
    options.progress?.(seen);
  }
}

/** The names in a folder, sorted, or why they cannot be had. */
function namesIn(disk: string, folder: string): string[] | Unseen {
  const path = fsPath(folder === '' ? disk : `${disk}/${folder}`);
  try {
    const names = readdirSync(path);
    // Node puts U+FFFD for bytes that are not UTF-8; only then are the bytes themselves needed.
    const exact = names.some((name) => name.includes('\ufffd'))
      ? readdirSync(path, 'buffer').map(nameFromBytes)
      : names;
    return exact.sort();
  } catch (error) {
    return unseen(disk, folder, error, true);
  }
}

function look(disk: string, path: string, others: readonly string[]): Entry | Unseen | undefined {
  const full = `${disk}/${path}`;
  try {
    const stats = lstatSync(fsPath(full), { bigint: true });
    const entry = entryOf(disk, path, stats);
    if (entry === undefined) return unseen(disk, path, new Error('its size is beyond 2^53 bytes'), false);
    if (entry.type !== 'link') return entry;
    const target = nameFromBytes(readlinkSync(fsPath(full), 'buffer'));
    return leadsToSamePath(full, target, path, others) ? undefined : { ...entry, target };
  } catch (error) {
    return unseen(disk, path, error, false);
  }
}

/** An entry from a stat that did not follow links; undefined if its size is not exact in a number. A link comes without its target. */
export function entryOf(disk: string, path: string, stats: BigIntStats): Entry | undefined {
  const type = typeOf(stats);
  if (stats.size > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return {
    path,
    disk,
    type,
    bytes: type === 'file' ? Number(stats.size) : 0,
    mtimeNs: stats.mtimeNs,
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    ...(type === 'file' && stats.nlink > 1n ? { sharedFile: `${stats.dev}:${stats.ino}` } : {}),
  };
}

function typeOf(stats: BigIntStats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return stats.isBlockDevice() ? 'block-device' : 'character-device';
}

function leadsToSamePath(full: string, target: string, path: string, others: readonly string[]): boolean {
  if (others.length === 0) return false;
  const leadsTo = posix
    .normalize(target.startsWith('/') ? target : `${posix.dirname(full)}/${target}`)
    .replace(/\/$/, '');
  if (!others.some((other) => posix.normalize(`${other}/${path}`) === leadsTo)) return false;
  // A link into nothing stands for nothing: then the link itself is the entry.
  return lstatSync(fsPath(leadsTo), { throwIfNoEntry: false }) !== undefined;
}

function unseen(disk: string, path: string, error: unknown, directory: boolean): Unseen {
  const kind = systemCode(error) === 'ENOENT' ? 'vanished' : 'unreadable';
  return { path, disk, kind, directory, reason: plainReason(error) };
}
