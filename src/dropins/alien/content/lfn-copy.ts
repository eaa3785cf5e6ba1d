import { realFiles } from '../../../durable/real-files.ts';
import { fileError, isStowageError, type StowageError } from '../../../errors.ts';
import type { CopyParts } from '../../../grid/copy/copy-parts.ts';
import { readLfn } from '../../../grid/copy/read-lfn.ts';
import type { ReplicaFailure } from '../../../grid/copy/replica-set.ts';
import { displayName } from '../../../model/byte-name.ts';

/** How an LFN is brought here. */
export interface LfnCopyOptions {
  readonly signal?: AbortSignal;
  /** Is told of each replica that is of no use. */
  readonly dropped: (failure: ReplicaFailure) => void;
}

/**
 * Brings the content of an absolute LFN into a new file that only we can read, checked by the catalogue's size and MD5: from another replica where one lies. Nothing is left
 * of it where that fails.
 */
export async function lfnCopy(
  parts: Pick<CopyParts, 'grid' | 'storage'>,
  lfn: string,
  path: string,
  { signal, dropped }: LfnCopyOptions,
): Promise<void> {
  const liars: string[] = [];
  for (;;) {
    const where = liars.map((se) => `!${se}`);
    try {
      await written(path, readLfn(parts, lfn, { where, dropped, ...(signal === undefined ? {} : { signal }) }));
      return;
    } catch (error) {
      const elements = isStowageError(error, 'corrupt') ? error.facts.elements : undefined;
      const more = Array.isArray(elements) ? elements.filter((se): se is string => !liars.includes(se)) : [];
      if (more.length === 0) throw error;
      for (const se of more) dropped({ se, reason: error as StowageError });
      liars.push(...more);
    }
  }
}

async function written(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const failure = (error: unknown) => fileError(`cannot write '${displayName(path)}'`, error);
  const file = await realFiles.open(path, 'wx', 0o600).catch((error: unknown) => {
    throw failure(error);
  });
  try {
    for await (const chunk of bytes) {
      await file.write(chunk).catch((error: unknown) => {
        throw failure(error);
      });
    }
    await file.close();
  } catch (error) {
    await file.close().catch(() => undefined);
    await realFiles.unlink(path).catch(() => undefined);
    throw error;
  }
}

/** An empty new file that only we can read. */
export async function emptyFile(path: string): Promise<void> {
  await written(path, (async function* () {})());
}
