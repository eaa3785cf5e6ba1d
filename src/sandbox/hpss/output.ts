import { nameToBytes } from '../../model/byte-name.ts';
import { writeAll } from './system/disk.ts';
import type { Valve } from './valve.ts';

/** Where a stand-in prints. */
export interface Output {
  write(bytes: Uint8Array): Promise<void>;
}

/** Prints text, in which names may stand: bytes that are not UTF-8 come out as they were. */
export function print(output: Output, text: string): Promise<void> {
  return output.write(nameToBytes(text));
}

/** Prints on a stream of this process, and waits until it is taken. */
export function streamOutput(stream: NodeJS.WritableStream): Output {
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        stream.write(bytes, () => resolve());
      }),
  };
}

/** Prints into an open file. */
export function fileOutput(descriptor: number): Output {
  return { write: async (bytes) => writeAll(descriptor, bytes) };
}

/** Prints nothing. */
export const noOutput: Output = { write: async () => undefined };

/** An output that a fault can cut. */
export function valvedOutput(output: Output, makeValve: (last: (bytes: Uint8Array) => Promise<void>) => Valve): Output {
  const valve = makeValve((bytes) => output.write(bytes));
  return {
    async write(bytes) {
      const through = await valve.pass(bytes);
      if (through.length > 0) await output.write(through);
    },
  };
}
