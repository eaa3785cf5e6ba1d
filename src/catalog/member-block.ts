import type { MemberBlock } from './records.ts';

/** Member lines that follow one another, as they are read. */
export interface OpenBlock {
  readonly offset: number;
  length: number;
  count: number;
  content: number;
  contentBytes: number;
}

/** A block that begins at this byte of the journal. */
export function blockBegun(offset: number): OpenBlock {
  return { offset, length: 0, count: 0, content: 0, contentBytes: 0 };
}

/** The block as it stands. */
export function blockOf(block: OpenBlock): MemberBlock {
  return { kind: 'members', ...block };
}

/**
 * Counts one member line (from `from` to its line end) without parsing it: type and size follow each other, and the quotes of these words
 * cannot stand inside a name, where every quote has a backslash before it. False if the line has no type and size.
 */
export function takeMember(block: OpenBlock, bytes: Buffer, from: number, end: number): boolean {
  const at = bytes.indexOf(typeMark, from);
  if (at < 0 || at >= end) return false;
  const first = bytes[at + typeMark.length];
  const afterType = wordEnds.get(first ?? 0);
  if (afterType === undefined) return false;
  let digit = at + typeMark.length + afterType.length;
  if (bytes.compare(afterType, 1, afterType.length, at + typeMark.length + 1, digit) !== 0) return false;
  block.count += 1;
  block.length += end + 1 - from;
  if (first === directory) return true;
  let size = 0;
  for (; bytes[digit]! >= 0x30 && bytes[digit]! <= 0x39; digit += 1) size = size * 10 + (bytes[digit]! - 0x30);
  block.content += 1;
  const link = bytes.subarray(digit, end).indexOf(hardLinkMark);
  // A further name shares the content of another member.
  if (link < 0) block.contentBytes += size;
  return true;
}

const typeMark = Buffer.from(',"type":"');
const hardLinkMark = Buffer.from(',"hardLink":');
const directory = 'd'.charCodeAt(0);
const wordEnds: ReadonlyMap<number, Buffer> = new Map(
  ['file', 'link', 'directory'].map((type) => [type.charCodeAt(0), Buffer.from(`${type}","bytes":`)]),
);
