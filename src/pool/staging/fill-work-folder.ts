import type { FileOperations } from '../../durable/file-operations.ts';
import type { PeerSession, StagePeerOptions } from '../peers/peer.ts';
import type { Present } from './present.ts';
import { type Received, receivePeer } from './receive-peer.ts';
import { workFolder } from './work-folder.ts';
import { sweep } from './work-root.ts';

/** Brings all that a peer has into the work folder at a path, durably, and nothing else stays in there. Throws as `receivePeer`; whatever happens, nothing is left open. */
export async function fillWorkFolder(
  files: FileOperations,
  path: string,
  session: PeerSession,
  present: Present,
  options: StagePeerOptions,
): Promise<Received> {
  const work = await workFolder(files, path, options);
  try {
    const received = await receivePeer(session, work, present, options);
    await sweep(files, path, received.fresh);
    await work.settle();
    return received;
  } finally {
    await work.close();
  }
}
