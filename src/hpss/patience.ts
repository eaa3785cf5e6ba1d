import { setTimeout as wait } from 'node:timers/promises';
import { StowageError } from '../errors.ts';
import { HpssOSError } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';

const longestDownWaitSeconds = 600;

/**
 * Does an idempotent deed, again after a while if it failed by something that may pass: some times, with longer and longer waits. While HPSS is down
 * it waits and says so. Anything else is thrown at once, a login that is not valid any more above all.
 */
export async function patiently<Result>(options: HpssOptions, deed: () => Promise<Result>): Promise<Result> {
  const { retries = 3, retryWaitSeconds = 2, downWaitSeconds = 3600, onWait, signal } = options;
  let tries = 0;
  let waitedForSystem = 0;
  for (;;) {
    try {
      return await deed();
    } catch (error) {
      if (!(error instanceof HpssOSError) || !error.mayBeRetried) throw error;
      let seconds: number;
      if (error.retry === 'later') {
        seconds = Math.min(Math.max(15, waitedForSystem), longestDownWaitSeconds, downWaitSeconds - waitedForSystem);
        if (seconds <= 0) throw error;
        waitedForSystem += seconds;
      } else {
        if (tries >= retries) throw error;
        seconds = retryWaitSeconds * 4 ** tries;
        tries += 1;
      }
      onWait?.({ reason: error.message, seconds });
      await wait(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch((cause) => {
        throw new StowageError('interrupted', 'stopped while waiting for HPSS', { cause });
      });
    }
  }
}
