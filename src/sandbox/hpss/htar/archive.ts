import { lstatSync } from 'node:fs';
import { fsPath } from '../../../model/byte-name.ts';
import { createFile, pieces, readHeld } from '../system/files.ts';
import { exitOf, exits, HpssError } from '../system/hpss-error.ts';
import { absolutePath, baseName, find } from '../system/namespace.ts';
import { stage } from '../system/tape.ts';
import { HtarFailure, type HtarRun, onDisk } from './run.ts';

/** A file being written, in HPSS or with `-E` on this machine. */
export interface Sink {
  write(bytes: Uint8Array): void;
  done(): void;
  abandon(): void;
}

/** Where the archive lies, as an absolute path. */
export function archivePath(run: HtarRun): string {
  const { system, options } = run;
  return isLocal(options.flags)
    ? onDisk(run, options.archive)
    : absolutePath(system, system.settings.home, options.archive);
}

/** Where its index lies: beside it with `.idx`, or as `-I` says, which is a suffix when it begins with a dot. */
export function indexPath(run: HtarRun): string {
  const { index } = run.options;
  const archive = archivePath(run);
  if (index === undefined) return `${archive}.idx`;
  if (index.startsWith('.')) return `${archive}${index}`;
  if (index.startsWith('/')) return index;
  return `${archive.slice(0, archive.length - baseName(archive).length)}${index}`;
}

/** Begins a file; one that is there is overwritten from now on. */
export function openSink({ system, options }: HtarRun, path: string): Sink {
  if (isLocal(options.flags)) {
    const descriptor = system.disk.create(path);
    const end = () => system.disk.close(descriptor);
    return { write: (bytes) => system.disk.write(descriptor, bytes), done: end, abandon: end };
  }
  try {
    const { service } = options;
    const filing = createFile(system, path, { mode: 0o600, ...(service === undefined ? {} : { service }) });
    return { write: filing.write, done: () => void filing.done(), abandon: filing.abandon };
  } catch (error) {
    if (!(error instanceof HpssError)) throw error;
    const exit = error.symbol === 'ENOENT' ? exits.cannotCreate : exitOf(error.symbol);
    throw new HtarFailure([`***Error ${error.code} on hpss_Open (create) for ${path}`], exit);
  }
}

/** Bytes of the archive or the index. With `whole` it is brought from tape in one piece first. */
export function* readArchive(run: HtarRun, path: string, start = 0, end?: number, whole = false): Generator<Buffer> {
  const { system, options } = run;
  const range = { start, ...(end === undefined ? {} : { end }) };
  if (isLocal(options.flags)) yield* pieces(path, start, end);
  else {
    const object = find(system, path);
    if (whole) stage(system, object);
    yield* readHeld(system, whole ? find(system, path) : object, { ...range, direct: !whole });
  }
}

/** The same in one piece. */
export function readBytes(run: HtarRun, path: string, start = 0, end?: number): Buffer {
  return Buffer.concat([...readArchive(run, path, start, end)]);
}

/** The size of a file; undefined if it is not there. */
export function sizeOf({ system, options }: HtarRun, path: string): number | undefined {
  if (isLocal(options.flags)) return lstatSync(fsPath(path), { throwIfNoEntry: false })?.size;
  try {
    return find(system, path).bytes;
  } catch (error) {
    if (error instanceof HpssError && ['ENOENT', 'ENOTDIR'].includes(error.symbol)) return undefined;
    throw error;
  }
}

function isLocal(flags: ReadonlySet<string>): boolean {
  return flags.has('E');
}
