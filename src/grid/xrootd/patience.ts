import { setTimeout as delay } from 'node:timers/promises';
import { StowageError } from '../../errors.ts';
import type { Limits } from './limits.ts';
import { stopped } from './lost-connection.ts';

/** Waits as servers say, and throws when it comes to more than the limit. A server that says 0 is asked again after a tenth of a second. */
export function newPatience({ waitMs }: Limits, what: string, signal: AbortSignal | undefined) {
  let waitedMs = 0;
  return async (seconds: number, server: string, wait?: (pause: Promise<void>) => Promise<void>): Promise<void> => {
    const ms = Math.max(100, seconds * 1000);
    if (waitedMs + ms > waitMs) {
      throw new StowageError('unavailable', `${what}: ${server} asks to wait longer than ${waitMs / 1000} s`, {
        facts: { server, errno: 'ETIMEDOUT' },
      });
    }
    const beganMs = performance.now();
    const enough = new AbortController();
    const paused = pause(ms, what, signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]));
    // Who does not wait to its end is not told that it was stopped.
    paused.catch(() => undefined);
    try {
      await (wait === undefined ? paused : wait(paused));
    } finally {
      enough.abort();
    }
    // Less than it said, where there was reason to ask sooner; but something, so that nobody is asked without end.
    waitedMs += Math.max(1, Math.min(ms, performance.now() - beganMs));
  };
}

/** Waits so long, or until the signal says so: then it rejects with `interrupted`. */
export async function pause(ms: number, what: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted === true) throw stopped(what, signal);
    throw error;
  }
}
