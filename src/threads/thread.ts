import { parentPort } from 'node:worker_threads';
import { errorToData } from './error-data.ts';
import type { Answer, Order, Task } from './order.ts';

/** The other side of crew.ts: takes an order at a time, and answers it. */
parentPort?.on('message', async ({ module, input }: Order) => {
  try {
    const task = (await import(module)) as { readonly default: Task<unknown, unknown> };
    const { output, transfer } = await task.default(input);
    parentPort?.postMessage({ output } satisfies Answer, [...transfer]);
  } catch (error) {
    parentPort?.postMessage({ error: errorToData(error) } satisfies Answer);
  }
});
