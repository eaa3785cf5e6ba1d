import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';

/** The hex SHA-256 of a local file. */
export async function readFileDigest(path: string): Promise<string> {
  const digest = createHash('sha256');
  try {
    for await (const chunk of createReadStream(fsPath(path), { highWaterMark: 1 << 20 })) digest.update(chunk);
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
  return digest.digest('hex');
}
