import { createHash } from 'node:crypto';
import { crc32c } from '../../xrootd/crc32c.ts';
import { adler32 } from '../adler32.ts';

/** The checksums that a storage element may have of a file and that we can take ourselves, the most telling first. Not its `crc32`, which is not that of anybody else. */
export const sumKinds = ['md5', 'crc32c', 'adler32'] as const;

/** One of these. */
export type SumKind = (typeof sumKinds)[number];

/** A checksum that grows with what is added. */
export interface Sum {
  add(bytes: Uint8Array): void;
  /** In hexadecimal digits, small letters, with leading zeros. */
  value(): string;
}

/** A new one. */
export function newSum(kind: SumKind): Sum {
  switch (kind) {
    case 'md5': {
      const hash = createHash('md5');
      return { add: (bytes) => void hash.update(bytes), value: () => hash.digest('hex') };
    }
    case 'adler32':
      return rolling(adler32, 1);
    case 'crc32c':
      return rolling(crc32c, 0);
  }
}

function rolling(step: (bytes: Uint8Array, before: number) => number, first: number): Sum {
  let value = first;
  return {
    add(bytes) {
      value = step(bytes, value);
    },
    value: () => value.toString(16).padStart(8, '0'),
  };
}
