import type { FileOperations } from '../../durable/file-operations.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { PeerSession, StagePeerOptions } from '../peers/peer.ts';
import { fillWorkFolder } from './fill-work-folder.ts';
import { letIn } from './let-in.ts';
import { presentIn } from './present.ts';

/** Stages a peer into a directory that exists, without a record, and gives the number of files: for the library. */
export async function stageInto(
  files: FileOperations,
  session: PeerSession,
  targetDir: string,
  options: StagePeerOptions,
): Promise<number> {
  if (!targetDir.startsWith('/') || (await files.lstat(targetDir))?.isDirectory() !== true) {
    throw new StowageError('unavailable', `'${displayName(targetDir)}' is not a directory, or not an absolute path`);
  }
  const workPath = `${targetDir}/.stowage-stage`;
  const present = await presentIn(targetDir, workPath, new Map());
  const received = await fillWorkFolder(files, workPath, session, present, options);
  await letIn(files, workPath, targetDir, received, options.ownership);
  const count = [...received.members.values()].filter((one) => one.type === 'file').length;
  if (count === 0) throw new StowageError('missing', 'there are no files to stage');
  return count;
}
