import { StowageError } from '../../errors.ts';

/** The lowest rate that is put up with. */
export interface LowestRate {
  readonly bytesPerSecond: number;
  /** Over so much of waiting it is measured; a minute if nothing is said. */
  readonly windowMs?: number;
}

const aMinuteMs = 60_000;

/**
 * Hands on a stream, which ends by the signal that it is opened with, and rejects with `unavailable` once it has brought less than the lowest rate over a window of waiting. Only waiting for the stream counts: who takes the bytes
 * may be as slow as he likes.
 */
export async function* atLeast(
  open: (signal: AbortSignal) => AsyncGenerator<Buffer>,
  { bytesPerSecond, windowMs = aMinuteMs }: LowestRate,
): AsyncGenerator<Buffer> {
  const stopping = new AbortController();
  const stream = open(stopping.signal);
  const past: { readonly ms: number; readonly bytes: number }[] = [];
  let pastMs = 0;
  let pastBytes = 0;
  const slow = new Error('too slow');
  try {
    for (;;) {
      const began = performance.now();
      // If nothing comes any more, this is when it is known to be too slow.
      const needed = Math.max(windowMs - pastMs, (pastBytes / bytesPerSecond) * 1000 - pastMs, 0);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(slow), needed);
      });
      const next = stream.next();
      next.catch(() => undefined);
      const result = await Promise.race([next, late]).finally(() => clearTimeout(timer));
      if (result.done === true) return;
      const ms = performance.now() - began;
      past.push({ ms, bytes: result.value.length });
      pastMs += ms;
      pastBytes += result.value.length;
      while (past.length > 0 && pastMs - past[0]!.ms >= windowMs) {
        pastMs -= past[0]!.ms;
        pastBytes -= past[0]!.bytes;
        past.shift();
      }
      if (pastMs >= windowMs && pastBytes * 1000 < bytesPerSecond * pastMs) throw slow;
      yield result.value;
    }
  } catch (error) {
    if (error !== slow) throw error;
    throw tooSlow({ bytesPerSecond, windowMs });
  } finally {
    // What is waited for in vain is given up.
    stopping.abort();
    void stream.return(undefined).catch(() => undefined);
  }
}

/** The error of what is slower than it may be. */
export function tooSlow({ bytesPerSecond, windowMs = aMinuteMs }: LowestRate): StowageError {
  return new StowageError('unavailable', `slower than ${bytesPerSecond} bytes/s`, {
    facts: { errno: 'ETIMEDOUT', bytesPerSecond, windowMs },
  });
}

/** The rate of one of several that are asked at once. */
export interface Rate {
  /** Ends what is asked of it once it is too slow, and with the signal that it was made with. */
  readonly signal: AbortSignal;
  isTooSlow(): boolean;
  /** Something is asked; what this answers is called with how many bytes came. */
  begin(): (bytes: number) => void;
  stop(): void;
}

/** Watches the rate over one window after the other; only time in which something was asked counts. */
export function rateOf({ bytesPerSecond, windowMs = aMinuteMs }: LowestRate, until: AbortSignal): Rate {
  const slow = new AbortController();
  let asked = 0;
  let bytes = 0;
  let ms = 0;
  let since = performance.now();
  const look = (): void => {
    const now = performance.now();
    if (asked > 0) ms += now - since;
    since = now;
    if (ms < windowMs) return;
    if (bytes * 1000 < bytesPerSecond * ms) slow.abort();
    bytes = 0;
    ms = 0;
  };
  const timer = setInterval(look, windowMs / 10);
  return {
    signal: AbortSignal.any([slow.signal, until]),
    isTooSlow: () => slow.signal.aborted,
    begin() {
      look();
      asked += 1;
      return (came) => {
        look();
        asked -= 1;
        bytes += came;
      };
    },
    stop: () => clearInterval(timer),
  };
}
