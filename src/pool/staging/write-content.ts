import { createHash, hash } from 'node:crypto';
import { directPieces } from '../../durable/direct-pieces.ts';
import type { OpenFile } from '../../durable/file-operations.ts';
import { cachedPieces } from './cached-pieces.ts';

/**
 * What is at least this large goes past the page cache: nothing of it is copied, and the kernel hands out no memory for it, which costs more than to receive it. Whoever reads it next reads what is on
 * the disk.
 */
export const directFrom = 16 * 1024 * 1024;

/** Writes the content of a file of so many bytes and gives its SHA-256. A piece may be used again by its source once the next but one is asked for. */
export async function writeContent(
  file: Pick<OpenFile, 'write' | 'writeDirect' | 'sync'>,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<string> {
  if (content instanceof Uint8Array) {
    if (content.length > 0) await file.write(content);
    return hash('sha256', content, 'hex');
  }
  const digest = createHash('sha256');
  const cached = cachedPieces(file);
  const { writeDirect } = file;
  let direct = writeDirect === undefined || bytes < directFrom ? undefined : directPieces(writeDirect);
  for await (const piece of content) {
    if (direct === undefined) await cached.add(piece);
    else if (!(await direct.add(piece))) {
      await cached.add(await direct.end());
      direct = undefined;
    }
    // While what came before is on its way to the disk.
    digest.update(piece);
  }
  if (direct !== undefined) await cached.add(await direct.end());
  await cached.end();
  return digest.digest('hex');
}
