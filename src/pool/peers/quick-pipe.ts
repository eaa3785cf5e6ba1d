import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { realFiles } from '../../durable/real-files.ts';
import { removeTree } from '../../durable/remove-tree.ts';
import { type OwnPipe, ownPipe } from '../../programs/own-pipe.ts';

/** A pipe for what a peer sends, made by way of the temporary folder. Undefined where none can be made there: that of Node does the same, and is slower. Never throws. */
export async function quickPipe(): Promise<OwnPipe | undefined> {
  // As short as may be: a socket's name has 103 bytes.
  const folder = `${tmpdir()}/stowage-${randomBytes(6).toString('hex')}`;
  let pipe: OwnPipe | undefined;
  try {
    await realFiles.mkdir(folder, 0o700);
    try {
      pipe = await ownPipe(folder);
    } finally {
      await removeTree(realFiles, folder);
    }
  } catch {
    // What is there is used, and what is not there is not needed.
  }
  return pipe;
}
