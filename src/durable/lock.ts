import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { fileError, isStowageError, StowageError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Clock } from '../model/clock.ts';
import type { FileOperations } from './file-operations.ts';
import { holderState, thisHolder } from './holder.ts';
import { formatLock, type LockHolder, readLock } from './lock-holder.ts';
import { writeWhole } from './whole-file.ts';

export interface LockOptions {
  /** What the holder is doing, for people; never a secret. */
  readonly command: string;
  readonly clock: Clock;
  /** What to do about a lock that nobody here can judge. */
  readonly hint?: string;
}

/** A lock that we hold. */
export interface Lock {
  readonly path: string;
  readonly holder: LockHolder;
  /** Removes the lock if it is still ours; doing it again does nothing. */
  release(): Promise<void>;
}

const unlockHint = 'if that run has surely ended: stowage unlock CONFIG SECTION';
const mostTries = 100;

/**
 * Takes a lock, or rejects at once with `locked`. A lock whose holder died on this host is taken over. That of a holder on
 * another host is not, nor one that cannot be read: `breakLock` is for people who know. The folder must exist.
 *
 * Of several who find the same dead lock one alone replaces it: who holds a second lock, named for the dead one's id. Only that
 * one may replace it, in one step, and only after seeing it again. So the name is never free meanwhile, and nobody's live lock
 * is ever moved. A taker that dies leaves a dead second lock, which is taken over in the same way.
 */
export async function acquireLock(files: FileOperations, path: string, options: LockOptions): Promise<Lock> {
  const holder: LockHolder = {
    ...thisHolder(),
    since: options.clock.now().toISOString(),
    command: options.command,
    id: randomBytes(8).toString('hex'),
  };
  const lock: Lock = { path, holder, release: () => release(files, path, holder) };
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await readLock(path);
    if (found === undefined) {
      if (await take(files, path, holder)) return lock;
    } else if (found === 'unreadable') {
      throw new StowageError('locked', `'${displayName(path)}' is locked, and cannot be read`, {
        hint: options.hint ?? unlockHint,
        facts: { path: displayName(path) },
      });
    } else {
      const state = holderState(found);
      if (state !== 'dead')
        throw lockedBy(path, found, state === 'elsewhere' ? (options.hint ?? unlockHint) : undefined);
      if (await takeOver(files, path, found, holder, options)) return lock;
    }
  }
  throw new StowageError('locked', `'${displayName(path)}' changes hands too often`, { hint: 'try again' });
}

/** Removes whatever lock is there, and tells what it was. Only for a holder that has surely ended. */
export async function breakLock(files: FileOperations, path: string): Promise<LockHolder | 'unreadable' | undefined> {
  const found = await readLock(path);
  if (found !== undefined) await remove(files, path);
  return found;
}

async function take(files: FileOperations, path: string, holder: LockHolder): Promise<boolean> {
  try {
    await writeWhole(files, path, formatLock(holder), { replace: false });
    return true;
  } catch (error) {
    if (isStowageError(error, 'exists')) return false;
    // The name may have been given before the step that failed: what is not held must not look held.
    await release(files, path, holder).catch(() => undefined);
    throw error;
  }
}

async function takeOver(
  files: FileOperations,
  path: string,
  dead: LockHolder,
  holder: LockHolder,
  options: LockOptions,
): Promise<boolean> {
  const claim = await acquireLock(files, `${path}.${dead.id}`, options);
  try {
    const now = await readLock(path);
    if (now === undefined || now === 'unreadable' || now.id !== dead.id) return false;
    await writeWhole(files, path, formatLock(holder), { replace: true });
    return true;
  } catch (error) {
    await release(files, path, holder).catch(() => undefined);
    throw error;
  } finally {
    // Best effort: once the dead lock is replaced nobody asks for this name again, and before that our own death frees it.
    await claim.release().catch(() => undefined);
  }
}

async function release(files: FileOperations, path: string, holder: LockHolder): Promise<void> {
  const found = await readLock(path);
  if (found !== undefined && found !== 'unreadable' && found.id === holder.id) await remove(files, path);
}

async function remove(files: FileOperations, path: string): Promise<void> {
  try {
    await files.unlink(path);
    await files.syncFolder(dirname(path));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError(`cannot remove the lock '${displayName(path)}'`, error);
  }
}

function lockedBy(path: string, holder: LockHolder, hint: string | undefined): StowageError {
  const { pid, host, since, command } = holder;
  const who = `process ${pid} on ${displayName(host)} since ${displayName(since)} (${displayName(command)})`;
  return new StowageError('locked', `'${displayName(path)}' is locked by ${who}`, {
    ...(hint === undefined ? {} : { hint }),
    facts: { path: displayName(path), pid, host, since, command },
  });
}
