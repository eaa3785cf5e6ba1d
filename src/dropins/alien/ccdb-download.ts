import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { publishNew } from '../../durable/publish-file.ts';
import { realFiles } from '../../durable/real-files.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

/** An object of the conditions database, as it is to be brought here. */
export interface CcdbObject {
  readonly url: string;
  readonly md5: string;
  /** Undefined where the database does not say. */
  readonly bytes: number | undefined;
}

/**
 * Brings an object here, checked by its MD5 and size, under a name that must be free; one that holds the same already is left, and true is given. What is wrong, torn or interrupted leaves nothing
 * behind. Rejects with `exists` for another file of that name, `corrupt`, `unavailable`.
 */
export async function ccdbDownload(
  object: CcdbObject,
  path: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const there = await realFiles.lstat(path);
  if (there !== undefined) {
    if (there.isFile() && (await md5Of(path)) === object.md5) return true;
    throw new StowageError('exists', `'${displayName(path)}' is there and holds something else`, {
      facts: { errno: 17 },
    });
  }
  const temporary = temporaryName(path);
  try {
    const reply = await fetch(object.url, signal === undefined ? {} : { signal });
    if (!reply.ok || reply.body === null) throw new Error(`${object.url} answers with HTTP ${reply.status}`);
    const hash = createHash('md5');
    const file = await realFiles.open(temporary, 'wx');
    let bytes = 0;
    try {
      for await (const chunk of reply.body) {
        hash.update(chunk as Uint8Array);
        bytes += (chunk as Uint8Array).byteLength;
        await file.write(chunk as Uint8Array);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const md5 = hash.digest('hex');
    if (md5 !== object.md5 || (object.bytes ?? bytes) !== bytes) {
      throw new StowageError(
        'corrupt',
        `what came has ${bytes} bytes and the MD5 ${md5}; the database says ${object.bytes ?? 'no size'} and ${object.md5}`,
        { facts: { errno: 5 } },
      );
    }
    await publishNew(realFiles, temporary, path);
    return false;
  } catch (error) {
    await realFiles.unlink(temporary).catch(() => undefined);
    throw fileError(`cannot get '${displayName(path)}'`, error);
  }
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
