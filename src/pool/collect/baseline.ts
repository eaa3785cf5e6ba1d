import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fileError, systemCode } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { type KnownFile, ofLine } from './known-file.ts';
import { compareWalked } from './walk-order.ts';

/**
 * What is known of the files of one thing that is collected incrementally, since the first day of a week. It is read along while the files are walked, so
 * that a million of them need no more memory than ten. docs/formats/pool-state.md describes the file.
 */
export interface Baseline {
  /** The first day of that week: `YYYY/MM/DD`. */
  readonly weekOf: string;
  /** What is known of a file. To be asked in the order of the walk; damage means that nothing more is known, so that the rest is collected. */
  find(path: string): KnownFile | undefined;
  close(): void;
}

/** The first line. */
export interface BaselineHead {
  readonly format: 'stowage-pool-baseline';
  readonly version: 1 | 2;
  readonly weekOf: string;
  /** Of version 1: how many lines follow. */
  readonly files?: number;
}

/** The last line of version 2. `ordered` says that the files are in the order of the walk. */
export interface BaselineTail {
  readonly files: number;
  readonly ordered: boolean;
}

export const baselineFormat = 'stowage-pool-baseline';

/** Where the baseline of an archive lies: what is known to be staged, and what was collected last and may not be staged yet. */
export function baselinePaths(
  stateDir: string,
  archive: string,
): { readonly staged: string; readonly pending: string } {
  const begin = `${stateDir}/collect/${archive}`;
  return { staged: `${begin}.staged.jsonl`, pending: `${begin}.pending.jsonl` };
}

/** Opens a baseline; undefined if there is none, or if it is damaged: then everything is collected, which loses nothing. */
export function openBaseline(path: string): Baseline | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(fsPath(path), 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
  const close = () => closeSync(descriptor);
  try {
    const lines = linesOf(descriptor);
    const head = JSON.parse(lines.next().value ?? '') as BaselineHead;
    const tail = head.version === 2 ? tailOf(descriptor) : undefined;
    const isKnown = head.format === baselineFormat && (head.version === 1 || tail !== undefined);
    if (isKnown && typeof head.weekOf === 'string') {
      const { weekOf } = head;
      const find = tail?.ordered === true ? alongside(lines) : inMemory(lines, head.files ?? tail!.files);
      if (find !== undefined) return { weekOf, find, close };
    }
  } catch {
    // Not what we wrote.
  }
  close();
  return undefined;
}

/** Looks at the next line until it comes behind what is looked for. */
function alongside(lines: Generator<string>): Baseline['find'] {
  let next: ReturnType<typeof ofLine> | undefined;
  let isOver = false;
  const advance = () => {
    try {
      const { value, done } = lines.next();
      if (done !== true && !value.startsWith('{"files":')) {
        next = ofLine(value);
        return;
      }
    } catch {
      // Damage: what comes behind it is not known.
    }
    next = undefined;
    isOver = true;
  };
  return (path) => {
    if (next === undefined && !isOver) advance();
    while (next !== undefined && compareWalked(next.path, path) < 0) advance();
    return next?.path === path ? next.file : undefined;
  };
}

/** All of them: for the order of a walk that followed links, and for version 1. */
function inMemory(lines: Generator<string>, count: number): Baseline['find'] | undefined {
  const files = new Map<string, KnownFile>();
  for (const line of lines) {
    if (line.startsWith('{"files":')) break;
    const { path, file } = ofLine(line);
    files.set(path, file);
  }
  return files.size === count ? (path) => files.get(path) : undefined;
}

const readBytes = 256 * 1024;
const lineFeed = 0x0a;

function* linesOf(descriptor: number): Generator<string> {
  const buffer = Buffer.allocUnsafe(readBytes);
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const length = readSync(descriptor, buffer, 0, readBytes, null);
    if (length === 0) return;
    const all = Buffer.concat([rest, buffer.subarray(0, length)]);
    let from = 0;
    for (let end = all.indexOf(lineFeed); end >= 0; end = all.indexOf(lineFeed, from)) {
      yield all.toString('utf8', from, end);
      from = end + 1;
    }
    rest = all.subarray(from);
  }
}

/** Undefined if the file does not end with one: then it is not whole. */
function tailOf(descriptor: number): BaselineTail | undefined {
  const { size } = fstatSync(descriptor);
  const length = Math.min(size, 200);
  const end = Buffer.alloc(length);
  readSync(descriptor, end, 0, length, size - length);
  const [, line] = /\n(\{"files":\d+,"ordered":(?:true|false)\})\n$/.exec(end.toString('latin1')) ?? [];
  return line === undefined ? undefined : (JSON.parse(line) as BaselineTail);
}
