import type { FileOperations, OpenFile } from '../src/durable/file-operations.ts';

/** The simulated end of our process: nothing happens on the disk after it. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** True if a simulated kill is the error, or the cause of it. */
export function isKilled(error: unknown): boolean {
  return error instanceof Killed || (error instanceof Error && error.cause !== undefined && isKilled(error.cause));
}

/**
 * Steps are the operations that change something, counted from 1: opening, write, sync, mkdir, link, symlink, rename, unlink,
 * rmdir, syncFolder. Looking and closing are none.
 */
export interface CountedFiles {
  readonly files: FileOperations;
  steps(): number;
  /** One line per step: `open wx PATH`, `write PATH BYTES` (with ` directly` behind it if it is to go past the page cache), `rename FROM TO`. */
  readonly log: string[];
}

/** The same operations, counted and logged. */
export function countingFiles(inner: FileOperations): CountedFiles {
  const log: string[] = [];
  const files = steppedFiles(inner, { before: (_, line) => void log.push(line) });
  return { files, steps: () => log.length, log };
}

/**
 * True if another run may have ended before this step of a logged one: who waits for the fsync of one folder at once shares it, so that runs
 * differ by some steps.
 */
export function mayBeBeyond(log: readonly string[], at: number): boolean {
  return at > log.length - 4;
}

export interface Failure {
  /** The step that fails, alone … */
  readonly at?: number;
  /** … or the first of all that fail. */
  readonly from?: number;
  /** The errno name. */
  readonly error: string;
  /** If the (first) failing step is a write, half of its bytes are written. */
  readonly torn?: boolean;
}

/** The same operations, one or all of which fail from a step on, as on a full or broken disk. */
export function failingFiles(inner: FileOperations, failure: Failure): FileOperations {
  const from = failure.from ?? Number.POSITIVE_INFINITY;
  return steppedFiles(inner, {
    tornAt: failure.torn ? Math.min(failure.at ?? from, from) : undefined,
    before(step, line) {
      if (step !== failure.at && step < from) return;
      throw Object.assign(new Error(`${failure.error}: simulated at step ${step}, ${line}`), { code: failure.error });
    },
  });
}

export interface Kill {
  readonly at: number;
  /** If the step is a write, half of its bytes are written. */
  readonly torn?: boolean;
}

/** The same operations, killed at a step: that one and all later ones, looks as well, never happen and throw `Killed`. */
export function killedFiles(inner: FileOperations, kill: Kill): FileOperations {
  const refuse = (step: number, line: string): void => {
    if (step >= kill.at) throw new Killed(`killed at step ${kill.at}, ${line}`);
  };
  return steppedFiles(inner, { before: refuse, look: refuse, tornAt: kill.torn ? kill.at : undefined });
}

export interface Hooks {
  /** Throws to keep a step from happening. */
  before(step: number, line: string): void;
  /** Throws to refuse a look; `step` is the last step so far. */
  look?(step: number, line: string): void;
  readonly tornAt?: number | undefined;
}

/** The same operations, with something done before each step. */
export function steppedFiles(inner: FileOperations, hooks: Hooks): FileOperations {
  let steps = 0;
  const step = async <T>(line: string, run: () => Promise<T>): Promise<T> => {
    steps += 1;
    hooks.before(steps, line);
    return run();
  };
  const look = async <T>(line: string, run: () => Promise<T>): Promise<T> => {
    hooks.look?.(steps, line);
    return run();
  };
  const steppedDirect =
    (write: NonNullable<OpenFile['writeDirect']>, path: string): typeof write =>
    async (data) => {
      // The half of a piece is whole blocks still.
      if (steps + 1 === hooks.tornAt) await write(data.subarray(0, data.byteLength >> 1));
      return step(`write ${path} ${data.byteLength} directly`, () => write(data));
    };
  const opened = (file: OpenFile, path: string): OpenFile => ({
    async write(data) {
      if (steps + 1 === hooks.tornAt) await file.write(data.subarray(0, Math.floor(data.byteLength / 2)));
      await step(`write ${path} ${data.byteLength}`, () => file.write(data));
    },
    ...(file.writeDirect === undefined ? {} : { writeDirect: steppedDirect(file.writeDirect, path) }),
    sync: () => step(`sync ${path}`, () => file.sync()),
    stat: () => look(`stat ${path}`, () => file.stat()),
    // A dead process has no open files: it is closed either way.
    close: () => file.close(),
  });
  return {
    open: (path, flags, mode) =>
      step(`open ${flags} ${path}`, async () => opened(await inner.open(path, flags, mode), path)),
    mkdir: (path, mode) => step(`mkdir ${path}`, () => inner.mkdir(path, mode)),
    link: (existing, path) => step(`link ${existing} ${path}`, () => inner.link(existing, path)),
    symlink: (target, path) => step(`symlink ${target} ${path}`, () => inner.symlink(target, path)),
    rename: (from, to) => step(`rename ${from} ${to}`, () => inner.rename(from, to)),
    unlink: (path) => step(`unlink ${path}`, () => inner.unlink(path)),
    rmdir: (path) => step(`rmdir ${path}`, () => inner.rmdir(path)),
    setAttributes: (path, attributes) => step(`setAttributes ${path}`, () => inner.setAttributes(path, attributes)),
    syncFolder: (path) => step(`syncFolder ${path}`, () => inner.syncFolder(path)),
    lstat: (path) => look(`lstat ${path}`, () => inner.lstat(path)),
  };
}
