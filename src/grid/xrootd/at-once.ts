import { isStowageError } from '../../errors.ts';
import { isLost } from './lost-connection.ts';
import type { CallOptions } from './name-space.ts';
import type { RemoteFile } from './remote-file.ts';

/**
 * Most bytes that are sent with what comes behind them. Servers take the requests of a connection one after the other, but some write by themselves what is longer than 96 KiB and go on meanwhile
 * (xrootd.async force).
 */
export const atOnceBytes = 64 << 10;

/**
 * Reads a part of a file and closes it, in one round trip. Undefined where that did not give all of the bytes, for whatever reason but a lost connection: the file is closed then, and is to be opened and read
 * step by step, which tells the reason.
 */
export async function readAndClose(
  file: RemoteFile,
  offset: number,
  bytes: number,
  call: CallOptions,
): Promise<Buffer | undefined> {
  const place = Buffer.allocUnsafeSlow(bytes);
  const read = file.read(offset, place, call);
  // Nobody waits for it: it proves nothing.
  file.close(call).catch(() => undefined);
  try {
    return (await read).length === bytes ? place : undefined;
  } catch (error) {
    if (isLost(error) || isStowageError(error, 'interrupted')) throw error;
    return undefined;
  }
}

/**
 * Writes the last bytes of a file, if there are any left, makes it durable, looks at it and closes it, in one round trip, and answers its size as the server says it. Undefined where the server did these things in
 * another order, which nobody forbids: the file is closed then, and what was written may be any part of it. Rejects with the first failure. `readBack` is given those last bytes as the server then reads them
 * from the file, if it does.
 */
export async function finishAndClose(
  file: RemoteFile,
  last: { readonly offset: number; readonly bytes: Uint8Array } | undefined,
  call: CallOptions,
  readBack?: (bytes: Uint8Array) => void,
): Promise<number | undefined> {
  const turns: number[] = [];
  const numbered = <T>(index: number, asked: Promise<T>): Promise<T> => asked.finally(() => turns.push(index));
  // Each is sent before the next is asked for.
  const wrote = numbered(0, last === undefined ? Promise.resolve() : file.write(last.offset, last.bytes, call));
  const synced = numbered(1, file.sync(call));
  const back =
    readBack === undefined || last === undefined
      ? undefined
      : file.read(last.offset, Buffer.allocUnsafeSlow(last.bytes.length), call).catch((error: unknown) => {
          // Not every server reads what is open to be written.
          if (isLost(error) || isStowageError(error, 'interrupted')) throw error;
          return undefined;
        });
  const looked = numbered(2, file.look(call));
  const closed = numbered(3, file.close(call));
  const ended = await Promise.allSettled([wrote, synced, looked, closed, back]);
  const failures = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const ending = failures.find((one) => isLost(one) || isStowageError(one, 'interrupted'));
  if (ending !== undefined) throw ending;
  if (turns.some((one, index) => one !== index) || failures.some(isTooLate)) return undefined;
  if (failures.length > 0) throw failures[0];
  const got = await back;
  if (got !== undefined) readBack!(got);
  return (await looked).bytes;
}

/** It was told to wait, and was not asked again because the file is closed. */
function isTooLate(error: unknown): boolean {
  return isStowageError(error, 'unavailable') && error.facts.errno === 'EBADF';
}
