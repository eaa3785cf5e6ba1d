import { type HpssOptions, sessionsOf } from './hpss-options.ts';

/** A write may need to read meanwhile, what it carries over from an older archive: both have sessions of their own, or each would wait for the other. */
export type SessionUse = 'write' | 'other';

const running = { write: 0, other: 0 };
const waiting: Record<SessionUse, (() => void)[]> = { write: [], other: [] };

/** How many writes there may be at once. */
export function writesAtOnce(options: HpssOptions): number {
  return Math.floor(sessionsOf(options) / 2);
}

/** Runs a deed that takes a session of hsi or htar, when there is room for one more in this process. */
export async function inSession<Result>(
  options: HpssOptions,
  use: SessionUse,
  deed: () => Promise<Result>,
): Promise<Result> {
  const most = use === 'write' ? writesAtOnce(options) : sessionsOf(options) - writesAtOnce(options);
  while (running[use] >= most) await new Promise<void>((resolve) => waiting[use].push(resolve));
  running[use] += 1;
  try {
    return await deed();
  } finally {
    running[use] -= 1;
    waiting[use].shift()?.();
  }
}
