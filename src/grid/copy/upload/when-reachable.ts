import { setTimeout as pause } from 'node:timers/promises';
import { isStowageError } from '../../../errors.ts';
import { errnoOf } from '../../errno.ts';

/** ENOTCONN: nothing was sent, because there is no connection. */
const notConnected = 107;
/** A server that starts again needs some seconds; a network that is gone for longer is told. */
const pausesMs = [250, 500, 1000, 2000, 4000];

/** Does it again, a little later each time, where the central server could not be reached and so nothing was asked. */
export async function whenReachable<T>(work: () => Promise<T>): Promise<T> {
  for (const ms of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!isStowageError(error, 'unavailable') || errnoOf(error) !== notConnected) throw error;
    }
    await pause(ms);
  }
  return work();
}
