import { memberLine } from '../../catalog/member-lines.ts';
import { fsPath } from '../../model/byte-name.ts';
import { batchWriter, type PackedBatch } from '../../pack/pack-batch.ts';
import type { Handed } from '../../threads/order.ts';
import { entryItem, lineEntry } from './line-item.ts';
import { plainLine, plainMemberLine } from './plain-line.ts';

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
  const writer = batchWriter(memory, base);
  const plainRoots = roots.map(plainText);
  let text = '';
  let contentMembers = 0;
  for (const line of lines.split('\n')) {
    const plain = plainLine(line, plainRoots);
    if (plain !== undefined) {
      text += plainMemberLine(plain, writer.addPlain(plain.file));
      contentMembers += 1;
      continue;
    }
    const member = writer.add(entryItem(lineEntry(line, roots)));
    text += memberLine(member);
    if (member.type !== 'directory') contentMembers += 1;
  }
  return { ...writer.packed(), memory, memberLines: encoder.encode(text), contentMembers };
}

/** A root that `node:fs` takes as it is. */
function plainText(root: string): string | undefined {
  const path = fsPath(root);
  return typeof path === 'string' ? path : undefined;
}

/** The same as the task of a thread. */
export default function batchTask(input: BatchInput): Handed<BatchOutput> {
  const output = packLines(input);
  return { output, transfer: [output.memory, output.memberLines.buffer as ArrayBuffer] };
}
