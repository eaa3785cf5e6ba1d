import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fileError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { readTarStream, type StreamedItem } from '../../pack/tar-stream.ts';
import { converse } from '../../programs/conversation.ts';
import { withoutEarlier } from '../staging/keep-earlier.ts';

/** True for a file whose members can be looked at. */
export function isArchive(path: string): boolean {
  return /\.tar(\.gz|\.bz2)?$/.test(withoutEarlier(path));
}

/**
 * The members of a collected archive, in its order; `file` is what it holds, and is destroyed at the end. At its end it throws `corrupt` if the file is not the one that was
 * recorded.
 */
export async function* archiveItems(
  path: string,
  sha256: string | undefined,
  file: Readable,
): AsyncGenerator<StreamedItem> {
  const digest = createHash('sha256');
  file.on('data', (chunk) => digest.update(chunk));
  const name = withoutEarlier(path);
  const plain = name.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  if (plain !== file) file.on('error', (error) => plain.destroy(error));
  const chunks = name.endsWith('.bz2') ? unpacked(file) : (plain as AsyncIterable<Uint8Array>);
  const iterator = chunks[Symbol.asyncIterator]();
  let held: Uint8Array | undefined;
  const next = async (): Promise<Uint8Array | undefined> => {
    if (held !== undefined && held.length > 0) {
      const chunk = held;
      held = undefined;
      return chunk;
    }
    const { done, value } = await iterator.next();
    return done ? undefined : value;
  };
  try {
    yield* readTarStream({
      giveBack(rest) {
        held = rest;
      },
      async next() {
        const chunk = await next();
        if (chunk !== undefined) return chunk;
        throw new StowageError('corrupt', `'${displayName(path)}' ends too early`);
      },
    });
    while ((await next()) !== undefined);
    if (sha256 === undefined || digest.digest('hex') === sha256) return;
    throw new StowageError('corrupt', `'${displayName(path)}' is not what was staged`, {
      facts: { path, recorded: sha256 },
    });
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  } finally {
    file.destroy();
    await iterator.return?.();
  }
}

async function* unpacked(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const talk = converse('bzip2', ['-dc']);
  const feeding = (async () => {
    try {
      for await (const chunk of file) talk.say(chunk);
    } finally {
      talk.finish();
    }
  })();
  feeding.catch(() => undefined); // awaited below, behind what came
  try {
    for (let chunk = await talk.hear(); chunk !== undefined; chunk = await talk.hear()) yield chunk;
    await feeding;
    await talk.ended;
  } finally {
    talk.ended.catch(() => undefined);
    await talk.stop();
  }
}
