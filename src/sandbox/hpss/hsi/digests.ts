import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { UsageError } from './arguments.ts';

/** Checksum algorithms of hsi. */
export const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'crc32', 'adler32'];

/** The algorithm that `-H` names, md5 if it names none. */
export function algorithmOf(given: string | undefined): string {
  const name = (given ?? 'md5').toLowerCase();
  if (!algorithms.includes(name)) throw new UsageError(`unknown checksum type ${name}`);
  return name;
}

/** The checksum of some bytes, in hex. */
export function digestOf(algorithm: string, chunks: Iterable<Uint8Array>): string {
  const sum = digester(algorithm);
  for (const chunk of chunks) sum.update(chunk);
  return sum.hex();
}

/** Makes a checksum piece by piece. */
export function digester(algorithm: string): { update(chunk: Uint8Array): void; hex(): string } {
  if (algorithm === 'crc32' || algorithm === 'adler32') {
    const step = algorithm === 'crc32' ? (chunk: Uint8Array, sum: number) => crc32(chunk, sum) : adler32;
    let sum = algorithm === 'crc32' ? 0 : 1;
    return {
      update: (chunk) => {
        sum = step(chunk, sum);
      },
      hex: () => (sum >>> 0).toString(16).padStart(8, '0'),
    };
  }
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest('hex') };
}

function adler32(chunk: Uint8Array, sum: number): number {
  let low = sum & 0xffff;
  let high = sum >>> 16;
  for (const byte of chunk) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return ((high << 16) | low) >>> 0;
}
