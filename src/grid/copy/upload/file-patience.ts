import { StowageError } from '../../../errors.ts';
import type { CopyOptions } from '../copy-options.ts';

/** How long one file may take, and how slow its replicas may be. */
export interface FilePatience {
  /** For one attempt at one replica. */
  replica(): ReplicaPatience;
  /** True if the time for the whole file is over. */
  isOver(): boolean;
  end(): void;
}

/** The same for one replica. */
export interface ReplicaPatience {
  /** Ends it when patience ends. */
  readonly signal: AbortSignal;
  /** So many bytes were taken, from its beginning. */
  moved(bytes: number): void;
  /** Why it was ended, where that was us; else the error as it is. */
  explain(error: StowageError): StowageError;
  end(): void;
}

const windowMs = 60_000;

/** The patience that the options ask for; without, there is no end of it. */
export function filePatience({ timeoutSeconds, bytesPerSecondAtLeast }: CopyOptions, window = windowMs): FilePatience {
  const whole = new AbortController();
  const late = (): void =>
    whole.abort(
      new StowageError('unavailable', `it took longer than ${timeoutSeconds} s`, { facts: { errno: 'ETIMEDOUT' } }),
    );
  const timer = timeoutSeconds === undefined ? undefined : setTimeout(late, timeoutSeconds * 1000);
  return {
    isOver: () => whole.signal.aborted,
    end: () => clearTimeout(timer),
    replica() {
      const own = new AbortController();
      const signal = AbortSignal.any([whole.signal, own.signal]);
      let bytes = 0;
      let before = 0;
      const look = (): void => {
        if (bytes - before < bytesPerSecondAtLeast! * (window / 1000)) {
          own.abort(
            new StowageError('unavailable', `slower than ${bytesPerSecondAtLeast} bytes/s`, {
              facts: { errno: 'ETIMEDOUT', bytesPerSecond: bytesPerSecondAtLeast },
            }),
          );
        }
        before = bytes;
      };
      const looking = bytesPerSecondAtLeast === undefined ? undefined : setInterval(look, window);
      return {
        signal,
        moved(now) {
          bytes = now;
        },
        explain: (error) =>
          signal.aborted && signal.reason instanceof StowageError && error.code === 'interrupted'
            ? signal.reason
            : error,
        end: () => clearInterval(looking),
      };
    },
  };
}
