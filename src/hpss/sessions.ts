import { type HpssOptions, sessionsOf } from './hpss-options.ts';

let running = 0;
const waiting: (() => void)[] = [];

/** Runs a deed that takes a session of hsi or htar, when there is room for one more in this process. */
export async function inSession<Result>(options: HpssOptions, deed: () => Promise<Result>): Promise<Result> {
  const most = sessionsOf(options);
  while (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await deed();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
