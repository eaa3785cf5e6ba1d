import type { Handed } from '../threads/order.ts';
import { type PackedBatch, packBatch } from './pack-batch.ts';
import { batchItems, type SmallBatch } from './small-batch.ts';

/** A batch, and memory for its part of the archive. */
export interface BatchInput {
  readonly batch: SmallBatch;
  readonly memory: ArrayBuffer;
}

/** The task of a thread that packs a batch. */
export default function batchTask({ batch, memory }: BatchInput): Handed<PackedBatch> {
  return { output: packBatch(batchItems(batch), batch.times.length, memory), transfer: [memory] };
}
