import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import { joinPath, parentOf, unsafePath } from '../model/relative-path.ts';
import { uncarriable } from './uncarriable.ts';

/** What is put on a disc: a local directory with all that is in it, or a file, and where it goes. */
export interface Graft {
  /** Absolute. A link is not followed. */
  readonly from: string;
  /** Relative to the disc's root; '' only for a directory: then what is in it lies at the top. */
  readonly at: string;
}

/** One name that is to be on the disc. */
export interface Grafted {
  readonly path: string;
  readonly from: string;
  readonly type: 'file' | 'link' | 'directory';
  readonly bytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly mtimeNs: bigint;
  readonly target?: string;
}

/**
 * All that the grafts put on a disc, by path. Throws `refused`, naming all that cannot be carried as it is (up to ten), before anything is
 * written; and where two grafts put something under one name.
 */
export async function graftTree(grafts: readonly Graft[], signal?: AbortSignal): Promise<ReadonlyMap<string, Grafted>> {
  const tree = new Map<string, Grafted>();
  const refusals: string[] = [];
  const add = (path: string, from: string, stats: BigIntStats, target?: string): void => {
    const mtimeSeconds = Number(stats.mtimeNs / 1_000_000_000n) - (stats.mtimeNs % 1_000_000_000n < 0n ? 1 : 0);
    const type = typeOf(stats);
    const why =
      uncarriable({ path, type, mtimeSeconds, ...(target === undefined ? {} : { target }) }) ??
      (tree.has(path) && !(type === 'directory' && tree.get(path)?.type === 'directory')
        ? 'something else is to have the same name on the disc'
        : undefined);
    if (why !== undefined) refusals.push(`'${displayName(from)}': ${why}`);
    else if (type === 'file' || type === 'link' || type === 'directory') {
      const { mtimeNs } = stats;
      const [mode, uid, gid] = [Number(stats.mode) & 0o7777, Number(stats.uid), Number(stats.gid)];
      const bytes = type === 'file' ? Number(stats.size) : 0;
      const what: Grafted = { path, from, type, bytes, mode, uid, gid, mtimeSeconds, mtimeNs };
      tree.set(path, target === undefined ? what : { ...what, target });
    }
  };
  const walk = async (path: string, from: string): Promise<void> => {
    signal?.throwIfAborted();
    const stats = await lookAt(from);
    const target = stats.isSymbolicLink() ? nameFromBytes(await readlink(fsPath(from), 'buffer')) : undefined;
    if (path !== '') add(path, from, stats, target);
    else if (!stats.isDirectory()) throw new StowageError('usage', `'${displayName(from)}' is no directory`);
    if (!stats.isDirectory()) return;
    for (const { name } of await childrenOf(from)) {
      const child = nameFromBytes(name);
      await walk(joinPath(path, child), `${from}/${child}`);
    }
  };
  for (const { from, at } of grafts) {
    const unsafe = at === '' ? undefined : unsafePath(at);
    if (unsafe !== undefined) throw new StowageError('usage', `'${displayName(at)}' is no place on a disc: ${unsafe}`);
    await walk(at, from);
  }
  for (const { path, from } of tree.values()) {
    const above = tree.get(parentOf(path));
    if (above !== undefined && above.type !== 'directory')
      refusals.push(`'${displayName(from)}': it would lie below a file`);
  }
  if (refusals.length > 0) throw refusal(refusals);
  return tree;
}

function refusal(all: readonly string[]): StowageError {
  const shown = all.slice(0, 10).join('; ');
  const rest = all.length > 10 ? `; and ${all.length - 10} more` : '';
  return new StowageError('refused', `a disc cannot carry ${shown}${rest}`, {
    hint: 'rename it, remove it, or collect it as a tar',
    facts: { refused: all.length },
  });
}

function typeOf(stats: BigIntStats): string {
  if (stats.isFile()) return 'file';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isDirectory()) return 'directory';
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}

async function lookAt(path: string): Promise<BigIntStats> {
  return lstat(fsPath(path), { bigint: true }).catch((error: unknown) => {
    throw fileError(`cannot look at '${displayName(path)}'`, error);
  });
}

async function childrenOf(path: string): Promise<readonly Dirent<Buffer>[]> {
  try {
    const entries = await readdir(fsPath(path), { withFileTypes: true, encoding: 'buffer' });
    return entries.sort((one, other) => Buffer.compare(one.name, other.name));
  } catch (error) {
    throw fileError(`cannot look at '${displayName(path)}'`, error);
  }
}
