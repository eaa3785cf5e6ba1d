import { isStowageError, StowageError } from '../errors.ts';
import { nameToBytes } from '../model/byte-name.ts';
import type { ProgramResult } from '../programs/program-result.ts';
import { runProgram } from '../programs/run-program.ts';

export interface XorrisoOptions {
  /** The program, where it is not the `xorriso` on PATH. */
  readonly program?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Exit statuses that are no failure: [0] if not given. 32 is what it ends with after a complaint. */
  readonly successStatuses?: readonly number[];
}

/** A command of xorriso and its words, each of which is passed byte by byte. */
export type XorrisoCommand = readonly [command: string, ...words: readonly string[]];

/**
 * The settings that come before everything else. `-md5 on` must be first, or there are no checksums. Without `-return_with SORRY 32` it ends
 * with 0 after some failures, and with `-abort_on FAILURE` it stops at the first. Commands come on standard input, where any byte can be said.
 */
const settings = [
  ...['-no_rc', '-md5', 'on', '-abort_on', 'FAILURE', '-return_with', 'SORRY', '32'],
  // What is written to a file is made durable by us, all at once, and not by xorriso every 16 MiB.
  ...['-stdio_sync', 'off'],
  ...[
    '-backslash_codes',
    'in_quotes:with_quoted_input:encode_output',
    '-compliance',
    'iso_9660_level=3',
    '-dialog',
    'on',
  ],
];

/**
 * Runs commands of xorriso, one after the other. That it resolves is no proof of what is on the medium: read that. Rejects with `full` where the
 * medium or the disk of the image has no room left, and as `runProgram` does.
 */
export async function xorriso(
  commands: readonly XorrisoCommand[],
  { program = 'xorriso', signal, successStatuses = [0] }: XorrisoOptions = {},
): Promise<ProgramResult> {
  const lines = commands.map(([command, ...words]) => [command, ...words.map(quoted)].join(' '));
  try {
    return await runProgram(program, settings, {
      successStatuses,
      input: `${[...lines, '-end'].join('\n')}\n`,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw explained(error);
  }
}

/** True if xorriso itself broke down, and did not refuse or fail: 1.5.4 was seen to, once in some thousand sessions on a loaded machine, after all was written. */
export function isCrash(error: unknown): boolean {
  if (!isStowageError(error, 'program')) return false;
  const { signal, stderr } = error.facts;
  return crashes.includes(String(signal)) || /^UNIX-SIGNAL: +SIG(SEGV|BUS|FPE|ILL|ABRT)\b/m.test(String(stderr));
}

const crashes = ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGABRT'];

/** A word as xorriso reads it: in double quotes, with what is no plain character in octal. */
function quoted(word: string): string {
  const bytes = [...nameToBytes(word)].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join('')}"`;
}

/** The same error, with the first thing that xorriso complained about in place of the last line that it said. */
function explained(error: unknown): unknown {
  if (!isStowageError(error, 'program') || typeof error.facts.stderr !== 'string') return error;
  const complaint = /^(?:xorriso|libisofs|libburn) : (?:FAILURE|SORRY|FATAL|ABORT) : (.*)$/m.exec(
    error.facts.stderr,
  )?.[1];
  if (complaint === undefined) return error;
  const full = /No space left on device|exceeds free space|Disk quota exceeded/i.test(error.facts.stderr);
  return new StowageError(full ? 'full' : 'program', `xorriso failed: ${complaint}`, {
    ...(full ? { hint: 'free some space and run the same command again' } : {}),
    facts: error.facts,
    cause: error,
  });
}
