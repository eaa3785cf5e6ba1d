import { createHash } from 'node:crypto';
import { nameFromBytes, nameToBytes } from '../model/byte-name.ts';
import { ownPrefix } from '../model/store-key.ts';

/** Where a disc has the digests of all its archives, as `sha256sum` reads them; from the top of the disc on. */
export const sumsPath = `${ownPrefix}SHA256SUMS`;

/** Where it has the digest of that file. */
export const sumsOfSumsPath = `${sumsPath}.sha256`;

/** Digests by path, in the format of GNU `sha256sum`: a name with a backslash or a line break is escaped, and its line begins with a backslash. */
export function formatSums(sums: ReadonlyMap<string, string>): Buffer {
  const parts: Buffer[] = [];
  for (const [path, sha256] of sums) {
    const name = nameToBytes(path).toString('latin1');
    const escaped = name.replace(/[\\\n\r]/g, (one) => escapes[one]!);
    parts.push(Buffer.from(`${escaped === name ? '' : '\\'}${sha256}  ${escaped}\n`, 'latin1'));
  }
  return Buffer.concat(parts);
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' };
const plain: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r' };

/** The digests in such a file; a line that is none is left out. */
export function parseSums(bytes: Uint8Array): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const line of Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split('\n')) {
    const match = /^(\\?)([0-9a-f]{64}) [ *](.+)$/s.exec(line);
    if (match === null) continue;
    const [, escaped, sha256, name] = match as unknown as [string, string, string, string];
    const text = escaped === '' ? name : name.replace(/\\(.)/gs, (whole, one: string) => plain[one] ?? whole);
    sums.set(nameFromBytes(Buffer.from(text, 'latin1')), sha256);
  }
  return sums;
}

/** The hex SHA-256 of bytes. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
