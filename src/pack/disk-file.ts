import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { plainReason, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { PackItem, Unsettled } from './pack-item.ts';

/** A link is never followed, and a pipe that took the file's place never blocks. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Errors that say that there is no such file any more: gone, or something else stands under its name. */
const gone = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EMLINK', 'ENXIO', 'ENODEV']);

const elsewhere = 'something else than a file stands in its place';

/** Errors of this process, which say nothing about the file. */
const ours = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** The file of an item, open. */
export interface DiskFile {
  readonly descriptor: number;
  /** How it differs from what its item says, if it does. */
  readonly change: string | undefined;
}

/**
 * Opens a file and compares it with its item, unless that is done once it was read (`compareLater`; only without `settle`, where a
 * difference ends the archive in any case, so that one look is enough). With `settle`, a file that cannot be opened is an answer; without, an
 * error: `changed` if it is gone, `unavailable` if it is there and not for us.
 */
export function openDiskFile(
  member: PackItem['member'],
  path: string,
  settle: boolean,
  compareLater = false,
): DiskFile | Unsettled {
  let descriptor: number;
  try {
    descriptor = openSync(fsPath(path), flags);
  } catch (error) {
    const code = systemCode(error) ?? '';
    const kind = gone.has(code) ? 'vanished' : 'unreadable';
    const reason = code === 'ELOOP' || code === 'EMLINK' ? 'a link stands in its place' : plainReason(error);
    if (settle && !ours.has(code)) return { path: member.path, kind, reason };
    throw kind === 'vanished' ? changedError(member.path, reason, error) : readError(member.path, error);
  }
  if (compareLater && !settle) return { descriptor, change: undefined };
  try {
    const found = fstatSync(descriptor, { bigint: true });
    if (!found.isFile()) {
      closeSync(descriptor);
      const reason = elsewhere;
      if (settle) return { path: member.path, kind: 'vanished', reason };
      throw changedError(member.path, reason);
    }
    const change = difference(member, found);
    if (change !== undefined && !settle) {
      closeSync(descriptor);
      throw changedError(member.path, change);
    }
    return { descriptor, change };
  } catch (error) {
    if (error instanceof StowageError) throw error;
    closeSync(descriptor);
    throw readError(member.path, error);
  }
}

/** How the open file differs from what its item says; undefined if it does not. */
export function changeOf(member: PackItem['member'], descriptor: number): string | undefined {
  try {
    const found = fstatSync(descriptor, { bigint: true });
    return found.isFile() ? difference(member, found) : elsewhere;
  } catch (error) {
    throw readError(member.path, error);
  }
}

function difference(member: PackItem['member'], found: { size: bigint; mtimeNs: bigint }): string | undefined {
  if (Number(found.size) !== member.bytes) return `it had ${member.bytes} bytes and has ${found.size}`;
  return found.mtimeNs === member.mtimeNs ? undefined : 'it was modified';
}

/** Reads into `into` from `position` until it is full or the file ends; returns how much there was. */
export function readNow(member: PackItem['member'], descriptor: number, into: Uint8Array, position: number): number {
  try {
    let length = 0;
    while (length < into.length) {
      const got = readSync(descriptor, into, length, into.length - length, position + length);
      if (got === 0) break;
      length += got;
    }
    return length;
  } catch (error) {
    throw readError(member.path, error);
  }
}

/** As `readNow`, beside the main thread. */
export async function readBeside(
  member: PackItem['member'],
  descriptor: number,
  into: Uint8Array,
  position: number,
): Promise<number> {
  for (let length = 0; ; ) {
    const got = await new Promise<number>((resolve, reject) => {
      read(descriptor, into, length, into.length - length, position + length, (error, bytes) => {
        if (error) reject(readError(member.path, error));
        else resolve(bytes);
      });
    });
    length += got;
    if (got === 0 || length === into.length) return length;
  }
}

/** That a file is no longer what its item says. */
export function changedError(path: string, reason: string, cause?: unknown): StowageError {
  return new StowageError('changed', `'${displayName(path)}' changed while it was archived: ${reason}`, {
    facts: { path },
    cause,
  });
}

/** What reading a pipe or a directory answers: neither is the file that was meant. */
const noFile = new Set(['ESPIPE', 'EISDIR']);

function readError(path: string, cause: unknown): StowageError {
  if (noFile.has(systemCode(cause) ?? '')) return changedError(path, elsewhere, cause);
  return new StowageError('unavailable', `cannot read '${displayName(path)}': ${plainReason(cause)}`, {
    facts: { path, errno: systemCode(cause) },
    cause,
  });
}
