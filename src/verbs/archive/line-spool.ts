import { closeSync, openSync, readSync } from 'node:fs';
import type { MemberLines } from '../../catalog/member-lines.ts';
import { appendWork, removeWork } from '../../durable/append-work.ts';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';

/** Journal lines that must wait until their archive is written: in memory, and from some mebibytes on in a work file. */
export interface LineSpool {
  add(lines: Uint8Array, count: number): void;
  /** All that was added, in order. */
  readonly lines: () => MemberLines;
  /** Gives up what it holds. Idempotent. */
  discard(): void;
}

const heldBytes = 16 << 20;
const readBytes = 1 << 20;

/** An empty spool; `path` is where a file of its own may lie: without it all stays in memory. */
export function lineSpool(path: string | undefined): LineSpool {
  let held: Uint8Array[] = [];
  let heldLength = 0;
  let count = 0;
  let file: string | undefined;

  function* pieces(): Generator<Uint8Array> {
    if (file !== undefined) yield* piecesOf(file);
    yield* held;
  }

  return {
    add(lines, more) {
      held.push(lines);
      heldLength += lines.length;
      count += more;
      if (heldLength < heldBytes || path === undefined) return;
      file = path;
      for (const piece of held) appendWork(file, piece);
      held = [];
      heldLength = 0;
    },
    lines: () => ({ count, pieces: { [Symbol.iterator]: pieces } }),
    discard() {
      if (file !== undefined) removeWork(file);
      file = undefined;
      held = [];
    },
  };
}

function* piecesOf(path: string): Generator<Uint8Array> {
  const failed = (error: unknown) =>
    fileError(`cannot read '${displayName(path)}'`, error, 'run the same command again');
  let file: number;
  try {
    file = openSync(fsPath(path), 'r');
  } catch (error) {
    throw failed(error);
  }
  try {
    for (;;) {
      const piece = Buffer.allocUnsafeSlow(readBytes);
      let length: number;
      try {
        length = readSync(file, piece, 0, readBytes, null);
      } catch (error) {
        throw failed(error);
      }
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}
