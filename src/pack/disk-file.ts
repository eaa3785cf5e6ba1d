import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { plainReason, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { quickFstat, statField } from '../quick-stat.ts';
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
    const { code, kind, reason } = whyNotOpen(error);
    if (settle && !ours.has(code)) return { path: member.path, kind, reason };
    throw cannotOpen(member.path, error);
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

/** Opens a file that is compared with what is said of it once it was read. `path` is the member's, for messages. Throws as `openDiskFile` does without `settle`. */
export function openNow(path: string, from: string): number {
  try {
    return openSync(from, flags);
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

function whyNotOpen(error: unknown): { readonly code: string } & Pick<Unsettled, 'kind' | 'reason'> {
  const code = systemCode(error) ?? '';
  const reason = code === 'ELOOP' || code === 'EMLINK' ? 'a link stands in its place' : plainReason(error);
  return { code, kind: gone.has(code) ? 'vanished' : 'unreadable', reason };
}

function cannotOpen(path: string, error: unknown): StowageError {
  const { kind, reason } = whyNotOpen(error);
  return kind === 'vanished' ? changedError(path, reason, error) : readError(path, error);
}

/** What is said of a file, with its time in numbers: seconds since 1970 UTC, and nanoseconds. */
export interface SaidOfFile {
  readonly path: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** As `changeOf`. */
export function plainChangeOf(said: SaidOfFile, descriptor: number): string | undefined {
  const found = quickFstat(descriptor);
  if (found !== undefined && (found[statField.mode]! & constants.S_IFMT) === constants.S_IFREG) {
    const isSame =
      found[statField.bytes] === said.bytes &&
      found[statField.seconds] === said.seconds &&
      found[statField.nanoseconds] === said.nanoseconds;
    if (isSame) return undefined;
  }
  const mtimeNs = BigInt(said.seconds) * 1_000_000_000n + BigInt(said.nanoseconds);
  return changeOf({ path: said.path, bytes: said.bytes, mtimeNs }, descriptor);
}

/** How the open file differs from what its item says; undefined if it does not. */
export function changeOf(
  member: Pick<PackItem['member'], 'path' | 'bytes' | 'mtimeNs'>,
  descriptor: number,
): string | undefined {
  try {
    const found = fstatSync(descriptor, { bigint: true });
    return found.isFile() ? difference(member, found) : elsewhere;
  } catch (error) {
    throw readError(member.path, error);
  }
}

function difference(
  member: Pick<PackItem['member'], 'bytes' | 'mtimeNs'>,
  found: { size: bigint; mtimeNs: bigint },
): string | undefined {
  if (Number(found.size) !== member.bytes) return `it had ${member.bytes} bytes and has ${found.size}`;
  return found.mtimeNs === member.mtimeNs ? undefined : 'it was modified';
}

/** Reads into `into` from `position` until it is full or the file ends; returns how much there was. */
export function readNow(
  member: Pick<PackItem['member'], 'path'>,
  descriptor: number,
  into: Uint8Array,
  position: number,
): number {
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
