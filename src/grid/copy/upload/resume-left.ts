import type { CopyEvent } from '../copy-event.ts';
import { commitReplica, isHeld, replicasOf } from './commit-replica.ts';
import type { LeftUpload } from './left-uploads.ts';
import { removeReplicas } from './settle-left.ts';
import { isStored, removeStored, type Writing } from './store-replica.ts';
import type { UploadRun } from './upload-run.ts';

/**
 * Ends what a stopped run has left of this name: replicas that are stored are committed, if they have the content that is to be stored now; others are removed. Answers where
 * it is by now. Nothing is committed that the catalogue has already.
 */
export async function resumeLeft(
  run: UploadRun,
  left: LeftUpload,
  now: Pick<Writing, 'content' | 'chunks'>,
  tell: (event: CopyEvent) => void,
): Promise<readonly string[]> {
  const { lfn, bytes, md5, replicas } = left;
  const { grid } = run.parts;
  if (bytes !== now.content.bytes || md5 !== now.content.md5) {
    await removeReplicas(run.parts, run.storage, left, lfn);
    run.settled(left);
    return [];
  }
  const held = await replicasOf(grid, lfn);
  const elements: string[] = [];
  let committed = 0;
  for (const replica of replicas) {
    if (isHeld(held, replica)) elements.push(replica.se);
    else if (await isStored(run.storage, replica, now)) {
      const not = await commitReplica(grid, replica, lfn, now.content);
      if (not?.isUncertain) throw not.reason;
      if (not === undefined) {
        elements.push(replica.se);
        committed += 1;
      } else await removeStored(run.storage, replica).catch(() => undefined);
    } else await removeStored(run.storage, replica).catch(() => undefined);
  }
  if (committed > 0) {
    const how = `a run that was stopped had stored ${committed} replica${committed > 1 ? 's' : ''}; committed now`;
    tell({ kind: 'settled', lfn, how });
  }
  return [...new Set(elements)];
}
