import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { quickFstat, statField } from '../../quick-stat.ts';

/** What is read in one go. */
export const smallBytes = 256 * 1024;

/** A link that took a file's place is not followed, and a pipe does not block. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Does something with a file of a peer on this machine, by its path; what fails says of which file and of whose. */
export function reading<T>(peer: string, path: string, deed: (local: string | Buffer) => T): T {
  try {
    return deed(fsPath(path));
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}' of peer '${displayName(peer)}'`, error);
  }
}

/** What an open file says of itself. */
export interface SourceFacts {
  readonly bytes: number;
  readonly mtimeNs: bigint;
  /** Permission bits alone. */
  readonly mode: number;
}

/** The facts of an open file. Throws Node's own error. */
export function factsOfOpen(descriptor: number): SourceFacts {
  const fields = quickFstat(descriptor);
  if (fields !== undefined) {
    const mtimeNs = BigInt(fields[statField.seconds]!) * 1_000_000_000n + BigInt(fields[statField.nanoseconds]!);
    return { bytes: fields[statField.bytes]!, mtimeNs, mode: fields[statField.mode]! & 0o7777 };
  }
  const found = fstatSync(descriptor, { bigint: true });
  return { bytes: Number(found.size), mtimeNs: found.mtimeNs, mode: Number(found.mode) & 0o7777 };
}

/** Reads an open file of so many bytes, below `smallBytes`, to its end: into memory of that size at least, of which it gives a part. */
export function readWhole(descriptor: number, bytes: number, into: Buffer): Uint8Array {
  let length = 0;
  // One byte more is asked for, so that a file which grows is seen to.
  for (let got = 1; got > 0 && length <= bytes; length += got)
    got = readSync(descriptor, into, length, bytes + 1 - length, length);
  return into.subarray(0, length);
}

/** A small file with its content, which is valid until the next one is read; undefined for one that is not small. Throws Node's own error. */
export function readSmall(
  path: string | Buffer,
  into: Buffer,
): (SourceFacts & { readonly content: Uint8Array }) | undefined {
  const descriptor = openSync(path, readFlags);
  try {
    const facts = factsOfOpen(descriptor);
    return facts.bytes < smallBytes ? { ...facts, content: readWhole(descriptor, facts.bytes, into) } : undefined;
  } finally {
    closeSync(descriptor);
  }
}
