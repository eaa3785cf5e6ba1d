import { hash } from 'node:crypto';
import { closeSync } from 'node:fs';
import type { Streamed } from './content-stream.ts';
import { changedError, changeOf, openDiskFile, readNow } from './disk-file.ts';
import type { PackItem } from './pack-item.ts';
import { padded } from './tar-header.ts';

/** Up to this size a file is read at once, without leaving the thread. */
export const smallBytes = 256 * 1024;

/** True if nothing but a header and at most one short reading is needed for it. */
export function isSmall({ member, content }: PackItem): boolean {
  return content.kind === 'none' || (content.kind === 'disk' && member.bytes <= smallBytes);
}

/** Reads a small file's content at `at`, with zeros for what the file lacks of it and up to the next block. */
export function readSmall(
  member: Pick<PackItem['member'], 'path' | 'bytes'>,
  descriptor: number,
  into: Buffer,
  at: number,
): Streamed {
  const end = at + member.bytes;
  const view = into.subarray(at, end);
  const got = readNow(member, descriptor, view, 0);
  if (got < view.length) view.fill(0, got);
  into.fill(0, end, at + padded(member.bytes));
  return { sha256: hash('sha256', view, 'hex'), short: got < view.length };
}

/** As `readSmall`, from the file under this name; its digest. Throws `changed` for a file that is not what its item says, `unavailable` for one that cannot be read. */
export function readStill(member: PackItem['member'], path: string, into: Buffer, at: number): string {
  const file = openDiskFile(member, path, false, true);
  if ('reason' in file) throw changedError(member.path, file.reason);
  try {
    const { sha256, short } = readSmall(member, file.descriptor, into, at);
    const change = changeOf(member, file.descriptor) ?? (short ? 'it ended early' : undefined);
    if (change !== undefined) throw changedError(member.path, change);
    return sha256;
  } finally {
    closeSync(file.descriptor);
  }
}
