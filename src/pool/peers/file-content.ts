import { readSync } from 'node:fs';

const pieceBytes = 1024 * 1024;

/** The content of an open file, in pieces of which each is valid until the next but one is asked for. */
export async function* fileContent(descriptor: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
  for (let position = 0, turn = 0; ; turn = 1 - turn) {
    signal?.throwIfAborted();
    const length = readSync(descriptor, buffers[turn]!, 0, pieceBytes, position);
    if (length === 0) return;
    position += length;
    yield buffers[turn]!.subarray(0, length);
  }
}
