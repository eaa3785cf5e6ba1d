import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { makeFolder } from '../../durable/folder.ts';
import { acquireLock } from '../../durable/lock.ts';
import { plainReason, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { isSafe, settleSealed } from '../collect/memory.ts';
import type { PurgeDir } from '../configuration/pool-configuration.ts';
import { counted } from '../counted.ts';
import { isIndicator } from '../indicators.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { type Guard, purgeGuard, realPath, withAbove } from './guards.ts';

const dayMs = 86_400_000;

/**
 * Removes what in the configured directories was neither changed nor read for so many whole days: files, links (never followed), and then
 * directories that are empty, however deep. What has no copy yet stays, and is told. Indicators go last, for they say what may go. A directory
 * that cannot be purged fails the run, and the next one is purged all the same.
 */
export async function* executePurge(run: PoolRun): AsyncGenerator<PoolEvent> {
  const { purge, collect } = run.configuration;
  if (purge === undefined) throw new StowageError('configuration', 'there is no section purge');
  await makeFolder(run.files, run.stateDir);
  const path = `${run.stateDir}/purge.lock`;
  const lock = await acquireLock(run.files, path, {
    ...{ command: 'pool purge', clock: run.clock },
    hint: `if that run has surely ended: rm ${displayName(path)}`,
  });
  try {
    // With the indicators goes the proof that what was collected is safe.
    if (collect !== undefined && (await isSafe(run, collect.collectDir))) {
      await settleSealed(run, collect.collectDir);
    }
    const guard = await purgeGuard(run);
    for (const dir of purge.dirs) yield* purgeDirectory(run, dir, guard);
  } finally {
    await lock.release();
  }
}

interface Counts {
  files: number;
  directories: number;
  bytes: number;
}

async function* purgeDirectory(run: PoolRun, dir: PurgeDir, guard: Guard): AsyncGenerator<PoolEvent> {
  const counts: Counts = { files: 0, directories: 0, bytes: 0 };
  const now = run.clock.now().getTime();
  const top = await realPath(dir.path);
  for (const above of withAbove(top)) {
    const reason = await guard(above);
    if (reason !== undefined) return yield keptEvent(top, reason);
  }
  yield* purgeInside(top);
  const text = `Purged [${displayName(dir.path)}]: ${counted(counts.files, 'file')} (${counted(counts.bytes, 'byte')}), ${counted(counts.directories, 'directory', 'directories')}.`;
  yield { ...event('info', 'done', text), path: dir.path, files: counts.files, bytes: counts.bytes };

  /** True if nothing is left in it. */
  async function* purgeInside(directory: string): AsyncGenerator<PoolEvent, boolean> {
    let names: readonly string[];
    try {
      names = readdirSync(fsPath(directory), 'buffer')
        .sort(Buffer.compare)
        .map((name) => nameFromBytes(name));
    } catch (error) {
      yield failedEvent(directory, error);
      return false;
    }
    let left = 0;
    // Last, and only when all else is gone: what stays must be known for what it is.
    for (const name of names.filter((one) => !isIndicator(one))) {
      if (run.signal?.aborted) throw new StowageError('interrupted', 'stopped while purging');
      if (!(yield* purgeOne(`${directory === '/' ? '' : directory}/${name}`))) left += 1;
    }
    for (const name of names.filter((one) => isIndicator(one))) {
      if (left > 0 || !(yield* purgeOne(`${directory}/${name}`))) left += 1;
    }
    return left === 0;
  }

  /** True if it is gone. */
  async function* purgeOne(path: string): AsyncGenerator<PoolEvent, boolean> {
    try {
      const stats = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
      if (stats === undefined) return true;
      if (stats.isDirectory()) {
        const reason = await guard(path);
        // A day without anything in it: a run was killed before it removed that too.
        const isLeftover = isOld(stats, now, dir.retainDays) && readdirSync(fsPath(path)).length === 0;
        if (reason !== undefined && !isLeftover) {
          if (isOldTree(path, now, dir.retainDays)) yield keptEvent(path, reason);
          return false;
        }
        if (!(yield* purgeInside(path))) return false;
        await run.files.rmdir(path);
        counts.directories += 1;
        yield { ...event('debug', 'purged', `Removed the directory [${displayName(path)}].`), path };
        return true;
      }
      if (!isOld(stats, now, dir.retainDays)) return false;
      if (!stats.isFile() && !stats.isSymbolicLink()) {
        yield keptEvent(path, 'it is neither a file nor a link');
        return false;
      }
      await run.files.unlink(path);
      counts.files += 1;
      counts.bytes += stats.isFile() ? Number(stats.size) : 0;
      yield { ...event('debug', 'purged', `Removed [${displayName(path)}].`), path };
      return true;
    } catch (error) {
      // Somebody put something there, or took it away, while we looked.
      const code = systemCode(error);
      if (code === 'ENOENT') return true;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') yield failedEvent(path, error);
      return false;
    }
  }
}

/** True if it was neither changed nor read for so many whole days. */
function isOld(stats: BigIntStats, now: number, retainDays: number): boolean {
  // Even what a clock that was wrong dates to the future.
  if (retainDays === 0) return true;
  const last = stats.atimeMs > stats.mtimeMs ? stats.atimeMs : stats.mtimeMs;
  return Math.floor((now - Number(last)) / dayMs) >= retainDays;
}

/** True if there is a file in it that would go. */
function isOldTree(directory: string, now: number, retainDays: number): boolean {
  for (const entry of readdirSync(fsPath(directory), { withFileTypes: true, encoding: 'buffer' })) {
    const path = `${directory}/${nameFromBytes(entry.name)}`;
    if (entry.isDirectory() ? isOldTree(path, now, retainDays) : isOldPath(path, now, retainDays)) return true;
  }
  return false;
}

function isOldPath(path: string, now: number, retainDays: number): boolean {
  const stats = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && isOld(stats, now, retainDays);
}

function event(level: PoolEvent['level'], deed: PoolEvent['deed'], text: string): PoolEvent {
  return { kind: 'pool', action: 'purge', level, deed, text };
}

function keptEvent(path: string, reason: string): PoolEvent {
  return { ...event('warning', 'kept', `Kept [${displayName(path)}]: ${reason}.`), path, reason };
}

function failedEvent(path: string, error: unknown): PoolEvent {
  const reason = plainReason(error);
  return { ...event('error', 'failed', `Error purging [${displayName(path)}]: ${reason}.`), path, reason };
}
