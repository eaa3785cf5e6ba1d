import { groupIdOf, userIdOf } from '../programs/account.ts';
import type { PoolOptions } from './configuration/pool-options.ts';

/** Whom what is collected and staged belongs to: the backup user and group, where we are root; else it stays ours, and this is undefined. */
export async function ownerOf(
  options: PoolOptions,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  return process.geteuid?.() === 0 ? numbersOf(options.backupUser, options.backupGroup) : undefined;
}

/** The numbers of a user and a group. Throws `missing` if there is none. */
export async function numbersOf(user: string, group: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = [await userIdOf(user), await groupIdOf(group)];
  return { uid, gid };
}
