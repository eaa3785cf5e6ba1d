import { type Walked, type WalkOrder, walk } from '../../scan/walk.ts';
import type { Task } from '../../threads/order.ts';
import { diskRows } from './disk-rows.ts';

/** A walk in a thread, which makes rows of a cache of what it found. */
const diskScanTask: Task<WalkOrder, Walked> = (order) => {
  const found = walk(order);
  const walked = { ...found, lines: diskRows(found.lines, order.roots) };
  return {
    output: walked,
    transfer: [walked.lines.buffer, ...walked.rest.map((one) => one.packed.buffer)] as ArrayBuffer[],
  };
};

export default diskScanTask;
