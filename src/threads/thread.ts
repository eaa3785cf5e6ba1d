import { parentPort } from 'node:worker_threads';
import { errorToData } from './error-data.ts';
import type { Answer, Order, Task } from './order.ts';

const nothing = { output: undefined, transfer: [] } as const;
let last: Promise<void> = Promise.resolve();

/** The other side of crew.ts: does one order after the other, and answers each. */
parentPort?.on('message', (order: Order) => {
  last = last.then(() => carryOut(order));
});

async function carryOut({ module, ...order }: Order): Promise<void> {
  try {
    const task = (await import(module)) as { readonly default: Task<unknown, unknown> };
    const { output, transfer } = 'input' in order ? await task.default(order.input) : nothing;
    parentPort?.postMessage({ output } satisfies Answer, [...transfer]);
  } catch (error) {
    parentPort?.postMessage({ error: errorToData(error) } satisfies Answer);
  }
}
