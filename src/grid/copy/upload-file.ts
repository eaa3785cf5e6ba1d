import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fileError, isStowageError, type StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { storeUrl } from '../xrootd/transfers.ts';
import type { CopyEvent } from './copy-event.ts';
import type { Upload } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';
import { replicaUrl } from './replica-url.ts';

/**
 * Stores one file on the Grid and commits it. Tells all of it: resolves when `copied`, `present` or `failed` was told. Rejects only for a fault of ours.
 */
export async function uploadFile(
  parts: CopyParts,
  job: Upload,
  _options: CopyOptions,
  tell: (event: CopyEvent) => void,
): Promise<void> {
  const begun = performance.now();
  try {
    const file = await open(fsPath(job.local), 'r').catch((error: unknown) => {
      throw fileError(`cannot read '${displayName(job.local)}'`, error);
    });
    const elements: string[] = [];
    try {
      const { size } = await file.stat();
      const hash = createHash('md5');
      for await (const piece of file.createReadStream({ autoClose: false, start: 0 })) hash.update(piece);
      const md5 = hash.digest('hex');
      const content = { bytes: size, md5, where: job.where };
      const accesses = await parts.grid.accessToWrite(job.lfn, content);
      tell({ kind: 'started', job, bytes: size });
      for (const access of accesses) {
        await storeUrl(parts.storage, replicaUrl(access), file.createReadStream({ autoClose: false, start: 0 }), {
          bytes: size,
        });
        await parts.grid.commit(access, job.lfn, content);
        elements.push(access.se);
      }
      tell({ kind: 'moved', job, bytes: size });
      tell({ kind: 'copied', job, bytes: size, md5, ms: performance.now() - begun, elements });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!isStowageError(error)) throw error;
    tell({ kind: 'failed', job, reason: error as StowageError });
  }
}
