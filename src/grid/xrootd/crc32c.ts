import { endianness } from 'node:os';
import { pageBytes } from './protocol.ts';

/** CRC32C (RFC 3720, B.4) by eight tables, eight bytes at a time. The polynomial is reversed: 0x82F63B78. */
const [t0, t1, t2, t3, t4, t5, t6, t7] = makeTables() as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** What a state becomes over half a page of zeroes, by each of its four bytes. */
const [s0, s1, s2, s3] = makeShifts(pageBytes / 2) as [Int32Array, Int32Array, Int32Array, Int32Array];

const isLittleEndian = endianness() === 'LE';

/** The CRC32C of these bytes; `before` continues that of what came before them. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  if (bytes.length === pageBytes && bytes.byteOffset % 4 === 0 && isLittleEndian) return wholePage(bytes, ~before);
  let crc = ~before;
  let at = 0;
  for (const whole = bytes.length - (bytes.length % 8); at < whole; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t7[crc & 255]! ^
      t6[(crc >>> 8) & 255]! ^
      t5[(crc >>> 16) & 255]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at += 1) crc = t0[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Both halves side by side, for a processor waits for each look-up that the next one needs: measured twice as fast. */
function wholePage(bytes: Uint8Array, state: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, pageBytes / 4);
  const half = words.length / 2;
  let a = state;
  let b = 0;
  for (let at = 0; at < half; at += 2) {
    a ^= words[at]!;
    b ^= words[at + half]!;
    const c = words[at + 1]!;
    const d = words[at + half + 1]!;
    a =
      t7[a & 255]! ^
      t6[(a >>> 8) & 255]! ^
      t5[(a >>> 16) & 255]! ^
      t4[a >>> 24]! ^
      t3[c & 255]! ^
      t2[(c >>> 8) & 255]! ^
      t1[(c >>> 16) & 255]! ^
      t0[c >>> 24]!;
    b =
      t7[b & 255]! ^
      t6[(b >>> 8) & 255]! ^
      t5[(b >>> 16) & 255]! ^
      t4[b >>> 24]! ^
      t3[d & 255]! ^
      t2[(d >>> 8) & 255]! ^
      t1[(d >>> 16) & 255]! ^
      t0[d >>> 24]!;
  }
  const crc = s0[a & 255]! ^ s1[(a >>> 8) & 255]! ^ s2[(a >>> 16) & 255]! ^ s3[a >>> 24]! ^ b;
  return ~crc >>> 0;
}

function makeTables(): readonly Int32Array[] {
  const made = Array.from({ length: 8 }, () => new Int32Array(256));
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    made[0]![byte] = crc;
  }
  for (let index = 1; index < 8; index += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const crc = made[index - 1]![byte]!;
      made[index]![byte] = made[0]![crc & 255]! ^ (crc >>> 8);
    }
  }
  return made;
}

/** A CRC is linear: what becomes of a state is the sum of what becomes of its bits. */
function makeShifts(zeroes: number): readonly Int32Array[] {
  const ofBit = Array.from({ length: 32 }, (_, bit) => {
    let crc = 1 << bit;
    for (let count = 0; count < zeroes; count += 1) crc = t0[crc & 255]! ^ (crc >>> 8);
    return crc;
  });
  return [0, 8, 16, 24].map((first) =>
    Int32Array.from({ length: 256 }, (_, byte) =>
      ofBit.slice(first, first + 8).reduce((sum, of, bit) => ((byte >> bit) & 1 ? sum ^ of : sum), 0),
    ),
  );
}
