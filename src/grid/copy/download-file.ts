import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { bringFile } from './bring-file.ts';
import type { CopyEvent } from './copy-event.ts';
import type { Download, KnownFile } from './copy-job.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyParts } from './copy-parts.ts';
import { lookAtTarget, presentBy } from './local-target.ts';

/**
 * Brings one file here. Tells all of it: resolves when `copied`, `present` or `failed` was told. It is `copied` when it is proven (by size and MD5; without an MD5 in the catalogue by size and what
 * the storage element says) and durable under its name, which nothing has before; a file that had the name is there until then. `arrived` is told when all is here and only the disk is waited for. Rejects only for a fault of ours.
 */
export async function downloadFile(
  parts: CopyParts,
  job: Download,
  options: CopyOptions,
  tell: (event: CopyEvent) => void,
  arrived: () => void = () => undefined,
): Promise<void> {
  const begun = performance.now();
  const stopping = stopOf(options);
  try {
    const there = await lookAtTarget(job.local);
    if (there !== undefined) {
      const known = await knownOf(parts, job, stopping);
      const by = await presentBy(job.local, there, known, options.existing ?? 'md5');
      if (by !== undefined) return tell({ kind: 'present', job, bytes: known.bytes, by });
      if (there.isLink) throw linkInTheWay(job.local);
      if (options.different !== 'replace') throw otherInTheWay(job.local);
    }
    const proven = await bringFile(parts, job, there, options, { tell, arrived }, stopping.signal);
    tell({ kind: 'copied', job, ...proven, ms: performance.now() - begun });
  } catch (error) {
    if (!isStowageError(error)) throw error;
    tell({ kind: 'failed', job, reason: stopping.explained(error) });
  }
}

/** Asked only where something lies there to be compared. */
async function knownOf(parts: CopyParts, job: Download, { signal }: Stopping): Promise<KnownFile> {
  if (job.known?.changed !== undefined) return job.known;
  const entry = await parts.grid.stat(job.lfn, { signal });
  if (entry === undefined) throw new StowageError('missing', `there is no '${displayName(job.lfn)}' in the catalogue`);
  if (entry.type === 'directory') {
    throw new StowageError('usage', `'${displayName(job.lfn)}' is a directory`, { facts: { errno: 21 } });
  }
  return {
    bytes: entry.bytes ?? 0,
    changed: entry.changed,
    ...(entry.md5 === undefined ? {} : { md5: entry.md5 }),
  };
}

interface Stopping {
  readonly signal: AbortSignal;
  /** The error that stopping made, as what it was: too much time, or a wish. */
  explained(error: StowageError): StowageError;
}

function stopOf({ signal, timeoutSeconds }: CopyOptions): Stopping {
  const late = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
  const signals = [signal, late].filter((one) => one !== undefined);
  const [only, ...others] = signals;
  return {
    // A joined one costs more memory than all else of a small file.
    signal: only !== undefined && others.length === 0 ? only : AbortSignal.any(signals),
    explained(error) {
      if (error.code !== 'interrupted' || late?.aborted !== true || signal?.aborted === true) return error;
      return new StowageError('unavailable', `it took longer than ${timeoutSeconds} s`, {
        facts: { errno: 'ETIMEDOUT' },
        cause: error,
      });
    },
  };
}

function otherInTheWay(path: string): StowageError {
  return new StowageError('exists', `'${displayName(path)}' is there, and is not the file to be copied`, {
    hint: 'remove it, or give the copy another name',
    facts: { errno: 'EEXIST' },
  });
}

function linkInTheWay(path: string): StowageError {
  return new StowageError('refused', `'${displayName(path)}' is a link, to a file that is not the one to be copied`, {
    hint: 'remove the link, or give the copy another name',
    facts: { errno: 'EEXIST' },
  });
}
