import { closeSync, openSync } from 'node:fs';
import { realFiles } from '../../durable/real-files.ts';
import { fileError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { Handed } from '../../threads/order.ts';
import { fileContent } from '../peers/file-content.ts';
import type { CopySource, StagePeerOptions } from '../peers/peer.ts';
import { factsOfOpen, readFlags, reading } from '../peers/small-source.ts';
import { stagedFile } from './staged-file.ts';

/** A file that lies below a folder of this machine, to be copied below another one, whose folders above it are there. */
export interface LargeOrder extends CopySource {
  readonly folder: string;
  readonly path: string;
  readonly options: StagePeerOptions;
}

/** Runs in a thread: copies a file, durably, and gives it as it is staged. */
export default async function largeTask({ peer, root, folder, path, options }: LargeOrder): Promise<Handed<Member>> {
  const descriptor = reading(peer, joinPath(root, path), (local) => openSync(local, readFlags));
  try {
    const entry = { path, type: 'file', ...factsOfOpen(descriptor), whole: () => undefined } as const;
    const { file, member } = await stagedFile(
      realFiles,
      folder,
      { ...entry, content: fileContent(descriptor) },
      options,
    );
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    return { output: member, transfer: [] };
  } catch (error) {
    throw fileError(`cannot stage '${displayName(path)}'`, error);
  } finally {
    closeSync(descriptor);
  }
}
