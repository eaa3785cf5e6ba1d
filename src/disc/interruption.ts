import { StowageError } from '../errors.ts';

/** What a deed returns. Where it was stopped by the signal, it rejects with `interrupted`, whatever the reason of the signal is. */
export async function interruptible<Result>(
  signal: AbortSignal | undefined,
  what: string,
  deed: () => Promise<Result>,
): Promise<Result> {
  try {
    signal?.throwIfAborted();
    return await deed();
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw new StowageError('interrupted', `${what} was stopped`, {
      hint: 'run the same command again',
      cause: error,
    });
  }
}
