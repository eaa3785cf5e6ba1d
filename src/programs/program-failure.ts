import { statSync } from 'node:fs';
import { plainReason, StowageError, systemCode } from '../errors.ts';
import { displayName, isUtf8Name } from '../model/byte-name.ts';
import { baseOf } from '../model/relative-path.ts';
import { findProgram } from './find-program.ts';
import type { ProgramResult } from './program-result.ts';

/** How to get a program, by its name. */
const howToGet: Readonly<Record<string, string>> = {
  ssh: 'install the package openssh-client (openssh-clients on Red Hat)',
  scp: 'install the package openssh-client (openssh-clients on Red Hat)',
  sftp: 'install the package openssh-client (openssh-clients on Red Hat)',
  rsync: 'install the package rsync',
  xorriso: 'install the package xorriso',
  gpg: 'install the package gnupg (gnupg2 on Red Hat)',
  tar: 'install the package tar',
  gzip: 'install the package gzip',
  bzip2: 'install the package bzip2',
  eject: 'install the package eject (util-linux on Red Hat)',
  openssl: 'install the package openssl',
  hsi: 'ask your HPSS site for its hsi client, and put the folder of it on PATH',
  htar: 'ask your HPSS site for its htar client, and put the folder of it on PATH',
  xrdcp: 'install the package xrootd-client',
  xrootd: 'install the package xrootd-server',
};

/** Throws `refused` for what cannot reach a program unchanged: Node encodes arguments as UTF-8, and a NUL ends one. */
export function refuseUnspeakable(program: string, texts: readonly string[]): void {
  for (const text of texts) {
    const why = text.includes('\0') ? 'it holds a NUL' : isUtf8Name(text) ? undefined : 'it is not UTF-8';
    if (why === undefined) continue;
    throw new StowageError('refused', `cannot pass '${displayName(text)}' to ${displayName(program)}: ${why}`, {
      hint: 'rename it, or pass it in a list on standard input',
    });
  }
}

/** Why a program did not start. */
export function startFailure(
  program: string,
  args: readonly string[],
  cwd: string | undefined,
  path: string | undefined,
  cause: unknown,
): StowageError {
  const name = displayName(program);
  const facts = { program, args, cwd, errno: systemCode(cause) };
  const error = (reason: string, hint?: string) =>
    new StowageError('program', `cannot start ${name}: ${reason}`, { ...(hint ? { hint } : {}), facts, cause });
  const code = systemCode(cause);
  if (cwd !== undefined && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES')) {
    const reason = folderProblem(cwd);
    if (reason !== undefined) return error(`its working directory '${displayName(cwd)}': ${reason}`);
  }
  if (code === 'ENOENT') {
    const found = findProgram(program, path);
    if (found !== undefined) return error(`the interpreter that its first line names is missing`, `head -n 1 ${found}`);
    if (program.includes('/')) return error('no such file', howToGet[baseOf(program)]);
    return error('it is not on PATH', howToGet[program] ?? `install ${name}, or put its folder on PATH`);
  }
  if (code === 'EACCES') return error('permission denied', 'make it executable for this user: chmod +x');
  if (code === 'E2BIG') return error('too many or too long arguments');
  return error(plainReason(cause));
}

/** What is said of a program that ended otherwise than it should. */
export function endFailure(program: string, args: readonly string[], result: ProgramResult): StowageError {
  return failure('program', ending(program, result), program, args, result, false);
}

/** What is said of a program that took too long. */
export function timeoutFailure(
  program: string,
  args: readonly string[],
  result: ProgramResult,
  timeoutMs: number,
): StowageError {
  const message = `${shortName(program)} took longer than ${timeoutMs / 1000} s and was stopped`;
  return failure('program', message, program, args, result, true);
}

/** What is said of a program that we stopped because we were asked to, or because its input failed. */
export function stopFailure(
  code: 'interrupted' | 'program',
  program: string,
  args: readonly string[],
  result: ProgramResult,
  cause: unknown,
): StowageError {
  const why = code === 'interrupted' ? '' : `: its input failed: ${plainReason(cause)}`;
  return failure(code, `${shortName(program)} was stopped${why}`, program, args, result, false, cause);
}

function failure(
  code: 'interrupted' | 'program',
  message: string,
  program: string,
  args: readonly string[],
  result: ProgramResult,
  timedOut: boolean,
  cause?: unknown,
): StowageError {
  const { status, signal, durationMs, truncated } = result;
  const [stdout, stderr] = [result.stdout.toString('utf8'), result.stderr.toString('utf8')];
  return new StowageError(code, message, {
    facts: { program, args, status, signal, stdout, stderr, truncated, durationMs, timedOut },
    cause,
  });
}

function ending(program: string, { status, signal, stderr }: ProgramResult): string {
  const how = signal === null ? `failed with status ${status}` : `was killed by ${signal}`;
  const last =
    stderr
      .toString('utf8')
      .trimEnd()
      .split(/[\r\n]/)
      .at(-1)
      ?.trim() ?? '';
  return `${shortName(program)} ${how}${last === '' ? '' : `: ${displayName(last.slice(0, 300))}`}`;
}

function shortName(program: string): string {
  return displayName(baseOf(program));
}

function folderProblem(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : 'not a directory';
  } catch (error) {
    return plainReason(error);
  }
}
