import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { Grafted } from './graft-tree.ts';

/** The digests of files, by their path on the disc: hex SHA-256. */
export type DiscDigests = ReadonlyMap<string, string>;

/**
 * The digest of every file that is to be written: the known one (of a manifest), else that of the file on disk. Throws `changed` for a file
 * that is not as long as it was when it was listed.
 */
export async function sourceDigests(
  tree: ReadonlyMap<string, Grafted>,
  known: DiscDigests = new Map(),
  signal?: AbortSignal,
): Promise<DiscDigests> {
  const digests = new Map<string, string>();
  for (const { path, from, type, bytes } of tree.values()) {
    if (type === 'file') digests.set(path, known.get(path) ?? (await digestOf(from, bytes, signal)));
  }
  return digests;
}

async function digestOf(path: string, expected: number, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(fsPath(path), {
      highWaterMark: 1 << 20,
      ...(signal === undefined ? {} : { signal }),
    })) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
  if (bytes === expected) return hash.digest('hex');
  throw new StowageError('changed', `'${displayName(path)}' changed while it was written to the disc`, {
    hint: 'run the same command again',
  });
}
