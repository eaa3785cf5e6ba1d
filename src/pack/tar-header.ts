import { StowageError } from '../errors.ts';

/** The size of a tar block: headers are one block, content is padded to whole blocks. */
export const blockBytes = 512;

/** The two zero blocks that end an archive. */
export const endBytes = 2 * blockBytes;

/** The largest number that eleven octal digits hold: 8 GiB - 1 for sizes, the year 2242 for times. */
export const octalLimit = 0o77777777777;

/** The largest owner that seven octal digits hold. */
export const ownerLimit = 0o7777777;

/** The length of the name and link fields, and of the prefix field. */
export const nameLimit = 100;
export const prefixLimit = 155;

/** What a header block says, as it is written. Numbers must fit their fields; names are bytes, or strings of ASCII. */
export interface HeaderBlock {
  readonly name: string | Uint8Array;
  readonly prefix?: Uint8Array | undefined;
  readonly link?: string | Uint8Array | undefined;
  /** The type flag: `0` file, `1` hard link, `2` link, `5` directory, `x` pax records, `L` and `K` GNU long names. */
  readonly flag: string;
  readonly bytes: number;
  /** Whole seconds since 1970 UTC. */
  readonly seconds: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const field = { name: 0, mode: 100, uid: 108, gid: 116, size: 124, mtime: 136, checksum: 148, flag: 156, link: 157 };
const magicAt = 257;
const prefixAt = 345;

const ustar = Buffer.alloc(blockBytes);
ustar.write('ustar\x0000', magicAt, 'latin1');
ustar.fill('0', field.mode, field.mode + 7);
ustar.fill('0', field.uid, field.uid + 7);
ustar.fill('0', field.gid, field.gid + 7);
ustar.fill('0', field.size, field.size + 11);
ustar.fill('0', field.mtime, field.mtime + 11);
ustar.fill(' ', field.checksum, field.checksum + 8);
const ustarSum = blockSum(ustar, 0);
const zero = 0x30;

/**
 * Writes one ustar header block at `at`; user and group names stay empty. The sum is kept while writing: at 50,000 files
 * a second, and two blocks for each, a second walk over the block would show.
 */
export function writeHeaderBlock(into: Buffer, at: number, block: HeaderBlock): void {
  into.set(ustar, at);
  let sum = ustarSum + writeText(into, at + field.name, block.name, nameLimit);
  sum += writeOctal(into, at + field.mode + 6, block.mode);
  sum += writeOctal(into, at + field.uid + 6, block.uid);
  sum += writeOctal(into, at + field.gid + 6, block.gid);
  sum += writeOctal(into, at + field.size + 10, block.bytes);
  sum += writeOctal(into, at + field.mtime + 10, block.seconds);
  const flag = block.flag.charCodeAt(0);
  into[at + field.flag] = flag;
  sum += flag;
  if (block.link !== undefined) sum += writeText(into, at + field.link, block.link, nameLimit);
  if (block.prefix !== undefined) sum += writeText(into, at + prefixAt, block.prefix, prefixLimit);
  into.fill(zero, at + field.checksum, at + field.checksum + 6);
  writeOctal(into, at + field.checksum + 5, sum);
  into[at + field.checksum + 6] = 0;
}

/** Returns the sum of the bytes written. */
function writeText(into: Buffer, at: number, text: string | Uint8Array, limit: number): number {
  let sum = 0;
  const length = Math.min(text.length, limit);
  for (let index = 0; index < length; index += 1) {
    const byte = typeof text === 'string' ? text.charCodeAt(index) : text[index]!;
    into[at + index] = byte;
    sum += byte;
  }
  return sum;
}

/** Writes octal digits backwards from `last` over a field of zeros; returns what they add to the sum. */
function writeOctal(into: Buffer, last: number, value: number): number {
  let sum = 0;
  let rest = value;
  for (let at = last; rest > 0; at -= 1) {
    const digit = rest % 8;
    into[at] = zero + digit;
    sum += digit;
    rest = (rest - digit) / 8;
  }
  return sum;
}

/** What a header block of any tar says: v7, ustar or GNU. Names are bytes, with the prefix put in front. */
export interface DecodedHeader {
  readonly name: Uint8Array;
  readonly link: Uint8Array;
  readonly flag: string;
  readonly bytes: number;
  readonly seconds: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Old GNU sparse files: more blocks of the map follow the header. */
  readonly moreSparse: boolean;
}

/** True if the block holds nothing but zeros. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (let index = 0; index < block.length; index += 1) if (block[index] !== 0) return false;
  return true;
}

/** True if the block carries the checksum of its own bytes; some old tars summed signed bytes, so that counts as well. */
export function isHeaderBlock(block: Uint8Array): boolean {
  if (block.length !== blockBytes) return false;
  const said = octal(block, field.checksum, 8);
  if (said === undefined) return false;
  let high = 0;
  let sum = 8 * 0x20;
  for (let index = 0; index < blockBytes; index += 1) {
    if (index >= field.checksum && index < field.flag) continue;
    const byte = block[index]!;
    sum += byte;
    if (byte >= 0x80) high += 1;
  }
  return said === BigInt(sum) || said === BigInt(sum - 256 * high);
}

/** Reads a header block. Throws `corrupt` with `position` for a bad checksum or a field that is no number. */
export function readHeaderBlock(block: Uint8Array, position: number): DecodedHeader {
  if (!isHeaderBlock(block))
    throw new StowageError('corrupt', `bad tar header at byte ${position}`, { facts: { position } });
  const number = (at: number, length: number): bigint => {
    const value = octal(block, at, length);
    if (value !== undefined) return value;
    throw new StowageError('corrupt', `bad number in the tar header at byte ${position + at}`, { facts: { position } });
  };
  const count = (at: number, length: number): number => {
    const value = number(at, length);
    if (value >= 0n && value <= Number.MAX_SAFE_INTEGER) return Number(value);
    throw new StowageError('corrupt', `impossible number in the tar header at byte ${position + at}`, {
      facts: { position },
    });
  };
  const flag = String.fromCharCode(block[field.flag]!);
  const name = text(block, field.name, nameLimit);
  // GNU's own magic is `ustar  \0`; there the place of the prefix holds times and sparse maps.
  const posix = Buffer.from(block.buffer, block.byteOffset + magicAt, 6).equals(ustar.subarray(magicAt, magicAt + 6));
  const prefix = posix ? text(block, prefixAt, prefixLimit) : name.subarray(0, 0);
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, slash, name]) : name,
    link: text(block, field.link, nameLimit),
    flag: flag === '\0' ? '0' : flag,
    bytes: count(field.size, 12),
    seconds: number(field.mtime, 12),
    mode: Number(number(field.mode, 8) & 0o7777n),
    uid: count(field.uid, 8),
    gid: count(field.gid, 8),
    moreSparse: flag === 'S' && block[482] !== 0,
  };
}

const slash = Buffer.from('/');

function text(block: Uint8Array, at: number, limit: number): Uint8Array {
  let end = at;
  while (end < at + limit && block[end] !== 0) end += 1;
  return block.subarray(at, end);
}

/** Octal digits between blanks, or GNU's base-256 (the first bit set, two's complement); undefined for anything else. */
function octal(block: Uint8Array, at: number, length: number): bigint | undefined {
  const first = block[at]!;
  if (first >= 0x80) {
    let value = BigInt(first & 0x40 ? first - 0x100 : first & 0x3f);
    for (let index = at + 1; index < at + length; index += 1) value = value * 256n + BigInt(block[index]!);
    return value;
  }
  let value = 0;
  let index = at;
  const end = at + length;
  while (index < end && block[index] === 0x20) index += 1;
  while (index < end && block[index]! >= zero && block[index]! <= 0x37) {
    value = value * 8 + block[index]! - zero;
    index += 1;
  }
  while (index < end && (block[index] === 0x20 || block[index] === 0)) index += 1;
  return index === end ? BigInt(value) : undefined;
}

function blockSum(block: Uint8Array, at: number): number {
  let sum = 0;
  for (let index = at; index < at + blockBytes; index += 1) sum += block[index]!;
  return sum;
}

/** How far `bytes` of content reach when padded to whole blocks. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}
