import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The MD5 of a file of this machine, in hexadecimal digits. Rejects with the system's error. */
export async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
