import { lstat, readFile } from 'node:fs/promises';
import { fileError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { Holder } from './holder.ts';

/** What a lock file says: one line of JSON. */
export interface LockHolder extends Holder {
  /** When it was taken: ISO 8601, UTC. */
  readonly since: string;
  /** What the holder is doing, for people. */
  readonly command: string;
  /** Random; no two locks have the same. */
  readonly id: string;
}

const mostBytes = 65_536n;

/**
 * Who holds a lock; undefined if it was seen to be free. `unreadable`: something is there that is no lock of ours, or that we may
 * not read. Rejects with `unavailable` if it cannot be looked at.
 */
export async function readLock(path: string): Promise<LockHolder | 'unreadable' | undefined> {
  try {
    const found = await lstat(fsPath(path), { bigint: true });
    if (!found.isFile() || found.size > mostBytes) return 'unreadable';
    return parseLock(await readFile(fsPath(path), 'utf8'));
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'EACCES' || code === 'EPERM') return 'unreadable';
    throw fileError(`cannot look at the lock '${displayName(path)}'`, error);
  }
}

/** The text of a lock file. */
export function formatLock(holder: LockHolder): string {
  return `${JSON.stringify(holder)}\n`;
}

/** The holder in the text of a lock file. */
export function parseLock(text: string): LockHolder | 'unreadable' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  if (typeof value !== 'object' || value === null || !text.endsWith('\n')) return 'unreadable';
  const { host, bootId, pidNamespace, pid, startTime, since, command, id } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return 'unreadable';
  if (typeof host !== 'string' || typeof since !== 'string' || typeof command !== 'string') return 'unreadable';
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return 'unreadable';
  const optional: { bootId?: string; pidNamespace?: string; startTime?: string } = {};
  for (const [key, text] of Object.entries({ bootId, pidNamespace, startTime })) {
    if (text === undefined) continue;
    if (typeof text !== 'string') return 'unreadable';
    optional[key as keyof typeof optional] = text;
  }
  return { host, ...optional, pid, since, command, id };
}
