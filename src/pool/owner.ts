import { accountOf, groupIdOf } from '../programs/account.ts';
import type { PoolOptions } from './configuration/pool-options.ts';

/** Whom what is collected and staged belongs to: the backup user and group, where we are root; else it stays ours, and this is undefined. */
export async function ownerOf(
  options: PoolOptions,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [user, gid] = [await accountOf(options.backupUser), await groupIdOf(options.backupGroup)];
  return { uid: user.uid, gid };
}
