import { StowageError } from '../../errors.ts';
import type { CopyEvent } from './copy-event.ts';
import type { Download } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';

/**
 * Brings one file here. Tells all of it: resolves when `copied`, `present` or `failed` was told. Rejects only for a fault of ours.
 */
export async function downloadFile(
  _parts: CopyParts,
  job: Download,
  _options: CopyOptions,
  tell: (event: CopyEvent) => void,
): Promise<void> {
  tell({ kind: 'failed', job, reason: new StowageError('bug', 'downloads are not there yet') });
}
