import type { Walked, WalkOrder } from '../../scan/walk.ts';
import type { Task } from '../../threads/order.ts';
import { walkForRows } from './row-book.ts';

/** A walk in a thread, which makes rows of a cache of what it finds. */
const diskScanTask: Task<WalkOrder, Walked> = (order) => {
  const walked = walkForRows(order);
  return {
    output: walked,
    transfer: [walked.lines.buffer, ...walked.rest.map((one) => one.packed.buffer)] as ArrayBuffer[],
  };
};

export default diskScanTask;
