import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import { errnoOf } from '../../grid/errno.ts';
import { messageOf, type Reply } from '../../grid/reply.ts';

/** What a command came to. */
export interface Outcome {
  /** The exit status. */
  readonly status: number;
  /** For standard output; without the last newline. */
  readonly out: string;
  /** For standard error; without the last newline. */
  readonly err: string;
  /** The same as data, for -json. */
  readonly json?: unknown;
  /** For standard output, after `out`, byte for byte. It must be read; where that fails, the command has failed. */
  readonly content?: AsyncIterable<Uint8Array>;
  /** As it came over the wire. */
  readonly raw?: string;
}

/** A success that says this. */
export function said(out: string, json?: unknown): Outcome {
  return { status: 0, out, err: '', json: json ?? { metadata: metadata(0, ''), results: [{ message: out }] } };
}

/** A failure with this status and text. */
export function failed(status: number, err: string): Outcome {
  return { status, out: '', err, json: { metadata: metadata(status, err), results: [] } };
}

/** What a server answered. Results are shown though some of what was asked failed. */
export function answered(reply: Reply, out: string = messageOf(reply)): Outcome {
  const { exitCode, error, currentDirectory, user, results, raw, timingMs } = reply;
  const timing = timingMs === undefined ? {} : { timing_ms: String(timingMs) };
  const json = {
    metadata: { ...metadata(exitCode, error), ...timing, currentdir: currentDirectory ?? '', user: user ?? '' },
    results,
  };
  // What the server answers when it could not read a request is no exit status.
  const status = exitCode < 0 ? 1 : exitCode;
  // Asked for by `timing on`; apart from the output, which may be read by a program.
  const took = timingMs === undefined ? [] : [`timing_ms = ${timingMs}`];
  const err = [...(exitCode === 0 ? [] : [plainError(error, exitCode)]), ...took].join('\n');
  return { status, out, err, json, raw };
}

/** The exit status for an error: its errno, else that of its kind. */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof StowageError)) return failed(1, plainReason(error));
  const hint = error.hint === undefined ? '' : `\n${error.hint}`;
  const status =
    errnoOf(error) ?? (isStowageError(error, 'usage') ? 64 : isStowageError(error, 'interrupted') ? 130 : 1);
  return failed(status, `${error.message}${hint}`);
}

/** Standard output in one of the three ways; with a newline at the end if there is anything. */
export function outputText({ out, json, raw }: Outcome, way: 'text' | 'json' | 'raw'): string {
  if (way === 'raw' && raw !== undefined && raw !== '') return `${raw}\n`;
  if (way === 'text') return out === '' ? '' : `${out}\n`;
  return json === undefined ? '' : `${JSON.stringify(sorted(json), undefined, 2)}\n`;
}

function metadata(exitcode: number, error: string) {
  return { exitcode: String(exitcode), error };
}

/** A stack trace of the server helps nobody here; -json has it. */
function plainError(error: string, exitCode: number): string {
  const lines = error.split('\n').filter((line) => !/^\s+at \S/.test(line));
  const text = lines.join('\n').trim();
  return text === '' ? `error ${exitCode}` : text;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
