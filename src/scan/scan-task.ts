import type { Task } from '../threads/order.ts';
import { type Walked, type WalkOrder, walk } from './walk.ts';

/** A walk in a thread. */
const scanTask: Task<WalkOrder, Walked> = (order) => {
  const walked = walk(order);
  return {
    output: walked,
    transfer: [walked.lines.buffer, ...walked.rest.map((one) => one.packed.buffer)] as ArrayBuffer[],
  };
};

export default scanTask;
