import type { Fault } from './faults.ts';

/** The connection is gone in the middle of something. */
export class Dropped extends Error {
  override readonly name = 'Dropped';
}

/** Lets bytes through until a fault comes between. One valve for one command. */
export interface Valve {
  /** The part of the bytes that gets through. Throws `Dropped`, ends the process, or never comes back. */
  pass(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A valve without a fault. */
export const openValve: Valve = { pass: async (bytes) => bytes };

/** The valve for a fault that comes in the middle; `last` is done with what still gets through. */
export function valveFor(fault: Fault | undefined, last: (bytes: Uint8Array) => void | Promise<void>): Valve {
  if (fault?.kind === 'truncate') return limited(fault.bytes, last, async () => undefined);
  if (fault?.kind === 'hang' && fault.when === 'middle') return limited(fault.bytes ?? 0, last, hang);
  if (fault?.kind !== 'drop') return openValve;
  return limited(fault.bytes ?? 0, last, async () => {
    if (fault.killed === true) process.kill(process.pid, 'SIGKILL');
    throw new Dropped();
  });
}

/** Waits for ever. */
export function hang(): Promise<never> {
  return new Promise(() => {
    setInterval(() => undefined, 2 ** 30);
  });
}

function limited(most: number, last: (bytes: Uint8Array) => void | Promise<void>, then: () => Promise<unknown>): Valve {
  let left = most;
  return {
    async pass(bytes) {
      if (bytes.length <= left) {
        left -= bytes.length;
        return bytes;
      }
      const through = bytes.subarray(0, left);
      left = 0;
      await last(through);
      await then();
      return new Uint8Array(0);
    },
  };
}
