import { memberLine } from '../../catalog/member-lines.ts';
import { type PackedBatch, packBatch } from '../../pack/pack-batch.ts';
import type { PackItem } from '../../pack/pack-item.ts';
import type { Handed } from '../../threads/order.ts';
import { entryItem, lineEntry } from './line-item.ts';

/** Small members of an archive, to be packed. */
export interface BatchInput {
  /** Lines of a listing, with newlines between them. */
  readonly lines: string;
  readonly roots: readonly string[];
  /** Where the batch begins in the archive. */
  readonly base: number;
  /** Room for all of it. */
  readonly memory: ArrayBuffer;
}

export interface BatchOutput extends PackedBatch {
  readonly memory: ArrayBuffer;
  /** The journal lines of its members. */
  readonly memberLines: Uint8Array;
  /** How many are no directories. */
  readonly contentMembers: number;
}

const encoder = new TextEncoder();

/** Packs a batch, here. */
export function packLines({ lines, roots, base, memory }: BatchInput): BatchOutput {
  let text = '';
  let contentMembers = 0;
  const packed = packBatch(itemsOf(lines, roots), memory, base, (member) => {
    text += memberLine(member);
    if (member.type !== 'directory') contentMembers += 1;
  });
  return { ...packed, memory, memberLines: encoder.encode(text), contentMembers };
}

function* itemsOf(lines: string, roots: readonly string[]): Generator<PackItem> {
  for (const line of lines.split('\n')) yield entryItem(lineEntry(line, roots));
}

/** The same as the task of a thread. */
export default function batchTask(input: BatchInput): Handed<BatchOutput> {
  const output = packLines(input);
  return { output, transfer: [output.memory, output.memberLines.buffer as ArrayBuffer] };
}
