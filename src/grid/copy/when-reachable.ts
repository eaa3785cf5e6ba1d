import { isStowageError } from '../../errors.ts';
import { errnoOf } from '../errno.ts';
import { pause } from '../xrootd/patience.ts';

/** ENOTCONN: nothing was sent, because there is no connection. */
const notConnected = 107;
/** ECOMM: no reply came. Of what must not be sent twice the error tells the effect, or that it is not known. */
const noReply = 70;
/** A server that starts again needs some seconds; a network that is gone for longer is told. */
const pausesMs = [250, 500, 1000, 2000, 4000];

/**
 * Does it again, a little later each time, where the central server could not be reached, or gave no reply to a question: a server that
 * starts again cuts off every question under way, more often than a session asks the same again by itself. Rejects with `interrupted` where the signal ends a pause.
 */
export async function whenReachable<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (const ms of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!maySendAgain(error)) throw error;
    }
    await pause(ms, 'asking the central server again', signal);
  }
  return work();
}

function maySendAgain(error: unknown): boolean {
  if (!isStowageError(error, 'unavailable')) return false;
  const errno = errnoOf(error);
  return errno === notConnected || (errno === noReply && error.facts.effect === undefined);
}
