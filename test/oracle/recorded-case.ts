import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Level, Log } from '../../src/dropins/hpsspy/log.ts';
import { scratchFolder } from '../scratch-folder.ts';

const folder = new URL('hpss/', import.meta.url);

/** What a recorded case says is to be done. test/oracle/README.md describes it. */
export interface RecordedCase {
  readonly name: string;
  readonly kind: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly argv: readonly (readonly string[])[];
  readonly tree?: readonly TreeEntry[];
  readonly env?: Readonly<Record<string, string | null>>;
  readonly mock?: readonly object[];
  readonly no_tools?: readonly string[];
  readonly drop_privileges?: true;
  readonly unordered?: true;
}

interface TreeEntry {
  readonly path?: string;
  readonly path_b64?: string;
  readonly type?: 'file' | 'dir' | 'symlink' | 'fifo';
  readonly size?: number;
  /** Seconds, or nanoseconds as text. */
  readonly mtime?: number | string;
  readonly target?: string;
  readonly mode?: string;
}

/** The names of all recorded cases whose names begin so. */
export function caseNames(...beginnings: readonly string[]): readonly string[] {
  return readdirSync(folder).filter((name) =>
    beginnings.some((beginning) => name.startsWith(`${beginning}-`) || name === beginning),
  );
}

/** A case set up in a folder of its own, which is the working directory until the test ends. */
export interface ReadyCase<Expected> {
  readonly work: string;
  readonly recorded: RecordedCase;
  readonly expected: Expected;
  /** What was logged since, by HPSSPy's loggers: level and text, with the folder as `@W@`. */
  readonly log: Log;
  readonly logs: () => readonly (readonly [Level, string])[];
  /** A text with the folder as `@W@`. */
  mask(text: string): string;
}

/** Sets a case up: its input, its tree, and the working directory. */
export async function readyCase<Expected>(name: string): Promise<ReadyCase<Expected>> {
  const work = await scratchFolder();
  const load = (file: string) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8');
  const recorded = JSON.parse(load('case.json').replaceAll('@W@', work)) as RecordedCase;
  const expected = JSON.parse(load('expected.json')) as Expected;
  for (const made of ['cache', 'tmpdir', 'hpss']) mkdirSync(join(work, made));
  copyInput(new URL(`${name}/input/`, folder), work);
  for (const entry of recorded.tree ?? []) grow(work, entry);
  const before = process.cwd();
  process.chdir(work);
  onTestFinished(() => process.chdir(before));
  const said: [Level, string][] = [];
  const mask = (text: string) => text.replaceAll(work, '@W@');
  const log: Log = {
    wants: () => true,
    say: (level, logger, message) => {
      if (logger.startsWith('hpsspy.')) said.push([level, mask(message)]);
    },
  };
  return { work, recorded, expected, log, logs: () => said, mask };
}

/** Does something as an ordinary user, if we are the superuser, who may do everything. */
export async function withoutPrivileges<T>(work: string, deed: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return deed();
  for (const place of [work, join(work, 'cache')]) chmodSync(place, 0o777);
  process.seteuid!(65_534);
  try {
    return await deed();
  } finally {
    process.seteuid!(0);
  }
}

function copyInput(from: URL, to: string): void {
  if (!existsSync(from)) return;
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = join(to, path.slice(decodeURI(from.pathname).length));
    mkdirSync(dirname(target), { recursive: true });
    const bytes = readFileSync(path).toString('latin1').replaceAll('@W@', to);
    writeFileSync(target, Buffer.from(bytes, 'latin1'));
  }
}

function grow(work: string, { path, path_b64, type = 'file', size = 0, mtime, target, mode }: TreeEntry): void {
  const name = path === undefined ? Buffer.from(path_b64!, 'base64') : Buffer.from(path);
  const full = Buffer.concat([Buffer.from(`${work}/`), name]);
  mkdirSync(full.subarray(0, full.lastIndexOf('/')), { recursive: true });
  if (type === 'dir') mkdirSync(full, { recursive: true });
  else if (type === 'symlink') symlinkSync(target!, full);
  else if (type === 'fifo') execFileSync('mkfifo', [full.toString()]);
  else {
    closeSync(openSync(full, 'w'));
    truncateSync(full, size);
  }
  if (mtime !== undefined && type !== 'symlink') setTime(full, mtime);
  if (mode !== undefined) {
    chmodSync(full, Number.parseInt(mode, 8));
    onTestFinished(() => chmodSync(full, 0o755));
  }
}

/** Node cannot set nanoseconds. */
function setTime(path: Buffer, mtime: number | string): void {
  if (typeof mtime === 'number') {
    utimesSync(path, mtime, mtime);
    return;
  }
  const nanoseconds = BigInt(mtime);
  const sign = nanoseconds < 0n ? '-' : '';
  const digits = String(nanoseconds < 0n ? -nanoseconds : nanoseconds).padStart(10, '0');
  execFileSync('touch', ['-d', `@${sign}${digits.slice(0, -9)}.${digits.slice(-9)}`, path.toString()]);
  if (statSync(path, { bigint: true }).mtimeNs !== nanoseconds) throw new Error(`cannot set the time of ${path}`);
}
