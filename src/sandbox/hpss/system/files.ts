import { closeSync, openSync, readSync } from 'node:fs';
import { fsPath } from '../../../model/byte-name.ts';
import {
  type Attributes,
  attributesOf,
  type HeldObject,
  resetAttributes,
  serviceFor,
  setAttributes,
} from './attributes.ts';
import { usedBytes } from './changes.ts';
import { attempt, HpssError } from './hpss-error.ts';
import { find, look, mustBeAllowed, parentOf } from './namespace.ts';
import { nowMs, type System } from './system.ts';
import { migrate, readFromTape } from './tape.ts';

/** A file in HPSS that is being written. What was written stays, even if `done` is never called. */
export interface Filing {
  write(bytes: Uint8Array): void;
  done(): HeldObject | undefined;
  /** Ends in the middle. */
  abandon(): void;
}

export interface FilingOptions {
  readonly mode?: number;
  readonly account?: number;
  readonly service?: number;
  /** Keep so many bytes that are there, and write behind them. */
  readonly from?: number;
  readonly mtimeMs?: number;
  /** How large the file will be, as far as that is known. */
  readonly bytes?: number;
}

const chunkBytes = 2 ** 20;

/** Begins a file at an absolute path; one that is there is overwritten from now on. Throws `HpssError`. */
export function createFile(system: System, path: string, options: FilingOptions = {}): Filing {
  const { settings, disk } = system;
  const { path: real, local, object } = look(system, path, true);
  if (object?.type === 'd') throw new HpssError('EISDIR', path);
  if (object === undefined) parentOf(system, real);
  else mustBeAllowed(system, object, 2, path);
  const before = settings.quotaBytes > 0 ? usedBytes(system) - (object?.bytes ?? 0) : 0;
  const descriptor = attempt(path, () => disk.create(local, options.from));
  let bytes = options.from ?? 0;
  const now = nowMs(system);
  const kept = object === undefined ? undefined : attributesOf(system, object);
  const attributes = (): Attributes => ({
    owner: kept?.owner ?? settings.user,
    group: kept?.group ?? settings.group,
    account: options.account ?? kept?.account ?? settings.uid,
    mode: options.mode ?? kept?.mode ?? 0o600,
    service: options.service ?? serviceFor(system, Math.max(bytes, options.bytes ?? 0)),
    createdMs: kept?.createdMs ?? now,
    accessedMs: now,
    onDisk: true,
  });
  resetAttributes(system, local, attributes());
  if (disk.isReal) disk.setTimes(local, now);
  return {
    write(chunk) {
      if (settings.quotaBytes > 0 && before + bytes + chunk.length > settings.quotaBytes) {
        throw new HpssError('EDQUOT', path);
      }
      bytes += chunk.length;
      attempt(path, () => disk.write(descriptor, chunk));
    },
    done() {
      disk.close(descriptor);
      if (!disk.isReal) return undefined;
      disk.setTimes(local, options.mtimeMs ?? nowMs(system));
      resetAttributes(system, local, attributes());
      const made = find(system, real);
      if (settings.migration === 'at-once') migrate(system, made);
      return find(system, real);
    },
    abandon() {
      disk.close(descriptor);
      if (disk.isReal) disk.setTimes(local, nowMs(system));
    },
  };
}

/** The bytes of a file from `start` to `end` (not with it), in pieces; what sleeps on tape is paid for, and woken unless `direct`. */
export function* readHeld(
  system: System,
  object: HeldObject,
  range: { readonly start?: number; readonly end?: number; readonly direct?: boolean } = {},
): Generator<Buffer> {
  if (object.type !== '-') throw new HpssError('EISDIR', object.path);
  mustBeAllowed(system, object, 4, object.path);
  const { start = 0, end = object.bytes, direct = false } = range;
  readFromTape(system, attributesOf(system, object), end - start);
  setAttributes(system, object, { accessedMs: nowMs(system), ...(direct ? {} : { onDisk: true }) });
  yield* pieces(object.local, start, end);
}

/** The bytes of any file of this machine, in pieces; ends early if the file is shorter. */
export function* pieces(local: string, start = 0, end = Number.MAX_SAFE_INTEGER): Generator<Buffer> {
  const descriptor = openSync(fsPath(local), 'r');
  try {
    for (let at = start; at < end; ) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
      const length = readSync(descriptor, buffer, 0, buffer.length, at);
      if (length === 0) return;
      at += length;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
