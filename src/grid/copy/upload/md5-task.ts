import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

/** An open file of this process, and how many of its bytes count. */
export interface Md5Input {
  readonly descriptor: number;
  readonly bytes: number;
}

/** What was read: fewer bytes where the file has become shorter. */
export interface Md5Output {
  readonly bytes: number;
  readonly md5: string;
}

const pieceBytes = 1 << 20;

/** Runs in a thread: reads a file and takes its md5. */
export default function md5Task({ descriptor, bytes }: Md5Input): { output: Md5Output; transfer: [] } {
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  const hash = createHash('md5');
  let at = 0;
  while (at < bytes) {
    const got = readSync(descriptor, piece, 0, Math.min(pieceBytes, bytes - at), at);
    if (got === 0) break;
    hash.update(piece.subarray(0, got));
    at += got;
  }
  return { output: { bytes: at, md5: hash.digest('hex') }, transfer: [] };
}
