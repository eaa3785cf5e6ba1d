import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { adler32 } from './adler32.ts';

/** Digests of bytes as they pass. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  bytes(): number;
  md5(): string;
  /** In the form that storage elements tell it; undefined for a kind that was not asked for. */
  checksum(): string | undefined;
}

/** The kinds of checksums, besides MD5, that can be computed here, as XRootD names them. */
export const checksumKinds: readonly string[] = ['md5', 'adler32', 'crc32'];

/** A digest of nothing: MD5, and another kind besides if one is named. */
export function runningDigest(kind?: string): RunningDigest {
  const hash = createHash('md5');
  const sum = kind === 'adler32' ? adler32 : kind === 'crc32' ? crc32 : undefined;
  let value = kind === 'adler32' ? 1 : 0;
  let bytes = 0;
  let md5: string | undefined;
  const md5Text = (): string => {
    md5 ??= hash.digest('hex');
    return md5;
  };
  return {
    update(chunk) {
      bytes += chunk.length;
      hash.update(chunk);
      if (sum !== undefined) value = sum(chunk, value);
    },
    bytes: () => bytes,
    md5: md5Text,
    checksum: () => (kind === 'md5' ? md5Text() : sum === undefined ? undefined : value.toString(16).padStart(8, '0')),
  };
}
