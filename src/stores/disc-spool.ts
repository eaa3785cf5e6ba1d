import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { fileError, systemCode } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { parentOf } from '../model/relative-path.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { CallOptions, StoredObject, Written } from '../store/store.ts';
import { sharedSync } from './shared-sync.ts';
import { keyOfToken, newToken, waitingTokens } from './waiting-files.ts';
import { writeNewFile } from './write-new-file.ts';

/** The folder in which archives wait for their session, each as a file. */
export interface DiscSpool {
  readonly folder: string;
  /** Streams into a new file, durably. `after`: its time is later than this second. */
  write(
    key: StoreKey,
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    after: number | undefined,
    options?: CallOptions,
  ): Promise<Written>;
  path(token: string): string;
  /** Undefined if nothing waits under this token. */
  waiting(written: Written): Promise<BigIntStats | undefined>;
  remove(written: Written): Promise<void>;
  debris(): AsyncGenerator<Written>;
}

/** A spool in a folder that is made when it is first needed, and stays: another process may be about to write to it. */
export function discSpool(files: FileOperations, folder: string, location: string): DiscSpool {
  const syncFolder = sharedSync(files);
  const path = (token: string) => `${folder}/${token}`;
  const leaveFolders = async (token: string): Promise<void> => {
    for (let above = parentOf(token); above !== ''; above = parentOf(above))
      await files.rmdir(path(above)).catch(() => undefined);
  };
  return {
    folder,
    path,
    async write(key, bytes, after, options) {
      const token = newToken(key);
      await makeFolder(files, parentOf(path(token)));
      const hash = createHash('sha256');
      try {
        const stats = await writeNewFile(files, path(token), hashed(bytes, hash), options?.signal);
        // A disc keeps whole seconds, and what replaces something must not look like it.
        const seconds = BigInt(Math.max(Number(stats.mtimeNs / 1_000_000_000n), (after ?? 0) + 1));
        const modifiedNs = seconds * 1_000_000_000n;
        await files.setAttributes(path(token), { mtimeNs: modifiedNs });
        await syncFolder(parentOf(path(token)));
        const sha256 = hash.digest('hex');
        const object: StoredObject = {
          key,
          bytes: Number(stats.size),
          version: sha256,
          modifiedNs,
          digests: { sha256 },
          state: 'readable',
        };
        return { key, object, token };
      } catch (error) {
        // The first error is the one that matters; what cannot be removed is debris for the next run.
        await files.unlink(path(token)).catch(() => undefined);
        await leaveFolders(token);
        throw systemCode(error) === undefined
          ? error
          : fileError(`cannot write '${displayName(key)}' for ${location} to '${displayName(folder)}'`, error);
      }
    },
    async waiting({ key, token }) {
      return files.lstat(path(token)).catch((error: unknown) => {
        throw fileError(`cannot look at what waits for '${displayName(key)}' in '${displayName(folder)}'`, error);
      });
    },
    async remove({ token }) {
      await files.unlink(path(token)).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT')
          throw fileError(`cannot remove a leftover in '${displayName(folder)}'`, error);
      });
      await leaveFolders(token);
    },
    async *debris() {
      for (const token of await waitingTokens(folder)) {
        const key = keyOfToken(token);
        if (key === undefined) continue;
        const stats = await files.lstat(path(token)).catch((error: unknown) => {
          throw fileError(`cannot look at a leftover in '${displayName(folder)}'`, error);
        });
        if (stats?.isFile() !== true) continue;
        const version = `${stats.size}-${stats.mtimeNs}`;
        yield { key, object: { key, bytes: Number(stats.size), version, digests: {}, state: 'readable' }, token };
      }
    },
  };
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}
