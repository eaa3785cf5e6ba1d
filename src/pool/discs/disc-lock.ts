import { makeFolder } from '../../durable/folder.ts';
import { acquireLock, type Lock } from '../../durable/lock.ts';
import { displayName } from '../../model/byte-name.ts';
import type { PoolRun } from '../pool-run.ts';

/** The lock of the actions that write discs: one at a time. Throws `locked`. */
export async function discLock({ files, stateDir, clock }: PoolRun, action: string): Promise<Lock> {
  await makeFolder(files, stateDir);
  const path = `${stateDir}/store.lock`;
  return acquireLock(files, path, {
    ...{ command: `pool ${action}`, clock },
    hint: `if that run has surely ended: rm ${displayName(path)}`,
  });
}
