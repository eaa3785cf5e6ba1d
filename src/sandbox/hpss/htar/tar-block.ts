import { nameFromBytes, nameToBytes } from '../../../model/byte-name.ts';

/** The size of a tar block. */
export const blockBytes = 512;

/** What htar can carry, in bytes (specification 2, limits). */
export const limits = { prefix: 154, name: 99, link: 99, bytes: 68_719_476_735 } as const;

/** One member as a ustar header has it. */
export interface TarMember {
  readonly path: string;
  /** `0` file, `2` link, `5` directory. */
  readonly flag: string;
  readonly bytes: number;
  readonly mode: number;
  readonly seconds: number;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
  readonly target: string;
}

/** A path divided into prefix and name; undefined if there is no slash where it could be. */
export function splitPath(path: string): { readonly prefix: Buffer; readonly name: Buffer } | undefined {
  const bytes = nameToBytes(path);
  if (bytes.length <= limits.name) return { prefix: Buffer.alloc(0), name: bytes };
  // The slash of a directory's own name does not divide.
  for (let at = bytes.length - 2; at > 0; at -= 1) {
    if (bytes[at] !== 0x2f) continue;
    const prefix = bytes.subarray(0, at);
    const name = bytes.subarray(at + 1);
    if (name.length > limits.name) return undefined;
    if (prefix.length <= limits.prefix) return { prefix, name };
  }
  return undefined;
}

/** The header block of a member whose path can be divided. */
export function headerBlock(member: TarMember): Buffer {
  const block = Buffer.alloc(blockBytes);
  const { prefix, name } = splitPath(member.path)!;
  name.copy(block, 0);
  octal(block, 100, 8, member.mode & 0o7777);
  octal(block, 108, 8, Math.min(member.uid, 0o7777777));
  octal(block, 116, 8, Math.min(member.gid, 0o7777777));
  // Twelve digits without an end: the limit of 64 GiB comes from here.
  block.write(member.bytes.toString(8).padStart(12, '0'), 124, 'latin1');
  octal(block, 136, 12, Math.max(0, Math.min(member.seconds, 0o77777777777)));
  block.write('        ', 148, 'latin1');
  block.write(member.flag, 156, 'latin1');
  nameToBytes(member.target).copy(block, 157);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(member.owner.slice(0, 31), 265, 'latin1');
  block.write(member.group.slice(0, 31), 297, 'latin1');
  prefix.copy(block, 345);
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** What a header block says; undefined for a block of zeros. Throws for one that is damaged. */
export function readBlock(block: Buffer): TarMember | undefined {
  if (block.length < blockBytes) throw new Error('the archive ends in a header');
  if (block.every((byte) => byte === 0)) return undefined;
  const copy = Buffer.from(block);
  copy.fill(' ', 148, 156);
  if (number(block, 148, 8) !== sumOf(copy)) throw new Error('bad header checksum');
  const prefix = text(block, 345, 155);
  const name = text(block, 0, 100);
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    flag: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    bytes: number(block, 124, 12),
    mode: number(block, 100, 8),
    seconds: number(block, 136, 12),
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    owner: text(block, 265, 32),
    group: text(block, 297, 32),
    target: text(block, 157, 100),
  };
}

/** Bytes that fill up the last block of a content. */
export function padding(bytes: number): Buffer {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
}

function octal(block: Buffer, at: number, width: number, value: number): void {
  block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
}

function number(block: Buffer, at: number, width: number): number {
  return Number.parseInt(text(block, at, width).trim() || '0', 8);
}

function text(block: Buffer, at: number, width: number): string {
  const field = block.subarray(at, at + width);
  const end = field.indexOf(0);
  return nameFromBytes(end < 0 ? field : field.subarray(0, end));
}

function sumOf(block: Buffer): number {
  return block.reduce((sum, byte) => sum + byte, 0);
}
