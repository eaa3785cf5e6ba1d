import {
  chmodSync,
  closeSync,
  constants,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { fsPath } from '../../../model/byte-name.ts';

/**
 * Every change that a stand-in makes to a disk. Nothing here is durable, by purpose: a killed `hsi` leaves half a file, as the real one does.
 * Paths are names as the model has them.
 */
export interface Disk {
  readonly isReal: boolean;
  /** Opens for writing, from the first byte, or from `from` with what lies before kept. */
  create(path: string, from?: number): number;
  write(descriptor: number, bytes: Uint8Array): void;
  close(descriptor: number): void;
  makeDirectory(path: string): void;
  removeFile(path: string): void;
  removeDirectory(path: string): void;
  /** Never overwrites a file: fails with EEXIST. */
  move(from: string, to: string): void;
  makeLink(target: string, path: string): void;
  setMode(path: string, mode: number): void;
  setTimes(path: string, mtimeMs: number): void;
}

/** Does what it says. */
export const realDisk: Disk = {
  isReal: true,
  create(path, from) {
    const flags =
      constants.O_WRONLY | constants.O_CREAT | (from === undefined ? constants.O_TRUNC : constants.O_APPEND);
    return openSync(fsPath(path), flags, 0o644);
  },
  write: writeAll,
  close: (descriptor) => closeSync(descriptor),
  makeDirectory: (path) => mkdirSync(fsPath(path)),
  removeFile: (path) => unlinkSync(fsPath(path)),
  removeDirectory: (path) => rmdirSync(fsPath(path)),
  move(from, to) {
    try {
      linkSync(fsPath(from), fsPath(to));
    } catch (error) {
      // Directories have no second name.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      renameSync(fsPath(from), fsPath(to));
      return;
    }
    unlinkSync(fsPath(from));
  },
  makeLink: (target, path) => symlinkSync(fsPath(target), fsPath(path)),
  setMode: (path, mode) => chmodSync(fsPath(path), mode & 0o7777),
  setTimes: (path, mtimeMs) => lutimesSync(fsPath(path), mtimeMs / 1000, mtimeMs / 1000),
};

/** Claims to do all, and does nothing: the deed of a fault that lies. */
export const pretendingDisk: Disk = {
  isReal: false,
  create: () => openSync('/dev/null', 'w'),
  write: () => undefined,
  close: (descriptor) => closeSync(descriptor),
  makeDirectory: () => undefined,
  removeFile: () => undefined,
  removeDirectory: () => undefined,
  move: () => undefined,
  makeLink: () => undefined,
  setMode: () => undefined,
  setTimes: () => undefined,
};

/** Writes all of it, whatever the kernel takes at once. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** Writes one of the system's own small files: under another name first, so that no reader sees half of it. */
export function writeOwnFile(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.new`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}

/** Adds one line to one of the system's own files; lines of several processes do not mix. */
export function appendOwnLine(path: string, line: string): void {
  writeFileSync(path, `${line}\n`, { flag: 'a' });
}

/** Makes a directory and those above it; one that is there already is no fault. */
export function ensureDirectory(path: string): void {
  mkdirSync(fsPath(path), { recursive: true });
}

/** Runs one piece of work while no other process does, for this lock. A holder that was killed is taken over. */
export function locked<T>(path: string, work: () => T): T {
  const mine = String(process.pid);
  for (;;) {
    try {
      symlinkSync(mine, path);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    takeOverFromDead(path);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
  try {
    return work();
  } finally {
    unlinkSync(path);
  }
}

function takeOverFromDead(path: string): void {
  const aside = `${path}.${process.pid}.dead`;
  try {
    const holder = readlinkSync(path);
    if (lives(Number(holder))) return;
    renameSync(path, aside);
    // Another process may have been faster: then what was moved is its lock, and goes back.
    if (readlinkSync(aside) === holder) unlinkSync(aside);
    else renameSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** True if a process of this number runs on this machine. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
