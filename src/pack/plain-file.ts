import { closeSync } from 'node:fs';
import { changedError, openNow, plainChangeOf, type SaidOfFile } from './disk-file.ts';
import { writePlainHeader } from './member-header.ts';
import { readSmall } from './small-file.ts';
import { requireSafe } from './sound-item.ts';

/** A small file with one short ASCII name, a time of this era and an owner that fits a tar header, as it was seen. */
export interface PlainFile extends SaidOfFile {
  /** Where it is: an absolute path, as `node:fs` takes it. */
  readonly from: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Where the content of a plain file begins in what it was packed into, and its digest. */
export interface StreamedPlain {
  readonly sha256: string;
  readonly offset: number;
}

/**
 * Writes the header and the content of a plain file at `at`; returns where the content begins and its digest. Throws as `readStill` does, and `refused` for a
 * path that leaves the root.
 */
export function packPlainFile(file: PlainFile, into: Buffer, at: number): StreamedPlain {
  requireSafe(file.path);
  const offset = writePlainHeader(into, at, file);
  const descriptor = openNow(file.path, file.from);
  try {
    const { sha256, short } = readSmall(file, descriptor, into, offset);
    const change = plainChangeOf(file, descriptor) ?? (short ? 'it ended early' : undefined);
    if (change !== undefined) throw changedError(file.path, change);
    return { sha256, offset };
  } finally {
    closeSync(descriptor);
  }
}
