import { type BigIntStats, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { plainReason, systemCode } from '../../errors.ts';
import { fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Exclusions } from './exclusions.ts';

/** Something to archive, or something that is not archived, and why. */
export type Collected =
  | {
      readonly kind: 'entry';
      /** Absolute. */
      readonly path: string;
      readonly type: 'file' | 'link' | 'directory';
      readonly stats: BigIntStats;
      readonly target?: string;
    }
  | {
      readonly kind: 'left-out';
      readonly path: string;
      /** `excluded`: as the configuration says. `special`: it has no content to archive. `vanished`: it went meanwhile. `unreadable`: it is there, but not for us. */
      readonly why: 'excluded' | 'special' | 'vanished' | 'unreadable';
      readonly reason: string;
    };

export interface CollectedWalk {
  readonly excluded: Exclusions;
  readonly ignoreFile: string;
  readonly linkDepth: number;
  readonly dereference: boolean;
  /** Real subdirectories that are archived elsewhere. */
  readonly apart?: ReadonlySet<string>;
}

/**
 * Everything below a directory that goes into its archive, in the order of the names' bytes, and all that does not, with the reason. A link to a
 * directory is followed while there is depth left, which every level of directories uses up; what is found so stands under the link's path, or, with
 * `dereference`, under its own, beside the link. Nothing comes twice. An empty directory is an entry; other directories are not.
 */
export function* walkCollected(top: string, walk: CollectedWalk): Generator<Collected> {
  const seen = walk.dereference ? new Set<string>() : undefined;

  function* visit(path: string, depth: number): Generator<Collected> {
    const why = walk.excluded(path);
    if (why !== undefined) return yield leftOut(path, 'excluded', why);
    let names: readonly string[];
    try {
      names = readdirSync(fsPath(path), 'buffer')
        .sort(Buffer.compare)
        .map((name) => nameFromBytes(name));
    } catch (error) {
      return yield unseen(path, error);
    }
    if (isThere(join(path, walk.ignoreFile))) return yield leftOut(path, 'excluded', `it holds ${walk.ignoreFile}`);
    if (names.length === 0) return yield* emptyDirectory(path);
    for (const name of names) yield* one(join(path, name), depth);
  }

  function* one(path: string, depth: number): Generator<Collected> {
    let stats: BigIntStats;
    try {
      stats = lstatSync(fsPath(path), { bigint: true });
    } catch (error) {
      return yield unseen(path, error);
    }
    if (stats.isDirectory()) {
      if (walk.apart?.has(path)) return;
      return yield* visit(path, depth - 1);
    }
    const why = walk.excluded(path);
    if (why !== undefined) return yield leftOut(path, 'excluded', why);
    if (stats.isFile()) return yield* entry({ kind: 'entry', path, type: 'file', stats });
    if (stats.isSymbolicLink()) return yield* link(path, stats, depth);
    yield leftOut(path, 'special', `it is ${specialName(stats)}`);
  }

  function* link(path: string, stats: BigIntStats, depth: number): Generator<Collected> {
    let target: string;
    try {
      target = nameFromBytes(readlinkSync(fsPath(path), 'buffer'));
    } catch (error) {
      return yield unseen(path, error);
    }
    const to = depth > 0 ? targetOf(path) : undefined;
    if (to === undefined || !to.isDirectory() || walk.dereference) {
      yield* entry({ kind: 'entry', path, type: 'link', stats, target });
    }
    if (to === undefined || !(to.isDirectory() || walk.dereference)) return;
    if (!walk.dereference) return yield* visit(path, depth - 1);
    const real = nameFromBytes(realpathSync(fsPath(path), 'buffer') as Buffer);
    if (to.isDirectory()) yield* visit(real, depth - 1);
    else yield* one(real, 0);
  }

  function* emptyDirectory(path: string): Generator<Collected> {
    try {
      // What a followed link leads to stands here as a directory too.
      yield* entry({ kind: 'entry', path, type: 'directory', stats: statSync(fsPath(path), { bigint: true }) });
    } catch (error) {
      yield unseen(path, error);
    }
  }

  function* entry(found: Collected & { kind: 'entry' }): Generator<Collected> {
    if (seen?.has(found.path)) return;
    seen?.add(found.path);
    yield found;
  }

  yield* visit(top, walk.linkDepth);
}

/** What a link leads to; undefined if it leads nowhere. */
function targetOf(path: string): BigIntStats | undefined {
  try {
    return statSync(fsPath(path), { bigint: true });
  } catch {
    return undefined;
  }
}

function isThere(path: string): boolean {
  return lstatSync(fsPath(path), { throwIfNoEntry: false }) !== undefined;
}

function join(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

function leftOut(path: string, why: (Collected & { kind: 'left-out' })['why'], reason: string): Collected {
  return { kind: 'left-out', path, why, reason };
}

function unseen(path: string, error: unknown): Collected {
  return leftOut(path, systemCode(error) === 'ENOENT' ? 'vanished' : 'unreadable', plainReason(error));
}

function specialName(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
