import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { type Account, startedAs } from './as-account.ts';
import { keptOutput } from './kept-output.ts';
import { processGroup } from './process-group.ts';
import { endFailure, refuseUnspeakable, startFailure, stopFailure, timeoutFailure } from './program-failure.ts';
import type { ProgramResult } from './program-result.ts';

export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to our own environment and `LC_ALL=C`; undefined takes a variable away. Secrets belong into `input`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; /dev/null if not given. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Where standard output goes as it comes, at the speed at which it is taken; then nothing of it is kept. */
  readonly output?: Writable;
  /** What the program gets as its standard output. It is closed here as soon as the program has it; nothing of it is kept, and its other end may still give something when the program has ended. */
  readonly outputEnd?: Socket;
  /** Is shown standard error as it comes; it is kept all the same. */
  readonly onStderr?: (chunk: Buffer) => void;
  /** In whose name it runs; in ours if not given. Only the superuser can give another. */
  readonly as?: Account;
  /** Of standard output and of standard error, each: the first and the last half of this are kept. 1 MiB if not given. */
  readonly maxOutputBytes?: number;
  /** The exit statuses that are no failure: [0] if not given. */
  readonly successStatuses?: readonly number[];
  /** How long the program may take to end after SIGTERM, and to close its output after its end. */
  readonly graceMs?: number;
}

const defaultOutputBytes = 1024 * 1024;
const defaultGraceMs = 2000;
const longestTimerMs = 2 ** 31 - 1;

/**
 * Runs a foreign program, without a shell, in a process group of its own, and resolves when it ended with a status that counts as
 * success. That is no proof of what it did. Rejects with `program` (with all facts, also after a timeout), `interrupted` (by
 * `signal`), or `refused` (an argument that cannot be passed). After a timeout or abort nothing of its group is left running.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const { cwd, signal, timeoutMs, graceMs = defaultGraceMs, successStatuses = [0] } = options;
  const added = Object.entries(options.env ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [key, value]));
  refuseUnspeakable(program, [program, ...args, ...added, ...(cwd === undefined ? [] : [cwd])]);
  if (signal?.aborted) {
    throw new StowageError('interrupted', `${displayName(program)} was not started`, { cause: signal.reason });
  }
  const started = performance.now();
  const how = options.as === undefined ? { program, args, env: {} } : startedAs(options.as, program, args);
  const env = { ...process.env, LC_ALL: 'C', ...how.env, ...options.env };
  const child = await start(how.program, how.args, env, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(how.uid === undefined || how.gid === undefined ? {} : { uid: how.uid, gid: how.gid }),
    env,
    detached: true,
    shell: false,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', options.outputEnd ?? 'pipe', 'pipe'],
  });
  options.outputEnd?.destroy();
  const group = processGroup(child.pid!);
  const maxBytes = options.maxOutputBytes ?? defaultOutputBytes;
  const outputs = { stdout: keptOutput(maxBytes), stderr: keptOutput(maxBytes) };

  let stopped: { readonly why: 'timeout' | 'abort' | 'input'; readonly cause?: unknown } | undefined;
  let stopping: Promise<void> = Promise.resolve();
  const stop = (why: NonNullable<typeof stopped>): void => {
    if (stopped !== undefined) return;
    stopped = why;
    stopping = group.stop(graceMs).then(() => ended.giveUpAfter(graceMs));
  };
  const ended = ending(child, graceMs, outputs, options);
  const onAbort = (): void => stop({ why: 'abort', cause: signal?.reason });
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const tooLate = (): void => stop({ why: 'timeout' });
  const timer = timeoutMs === undefined ? undefined : setTimeout(tooLate, Math.min(timeoutMs, longestTimerMs));
  const feeding = feed(child, options.input, (cause) => stop({ why: 'input', cause }));

  const end = await ended.promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', onAbort);
  child.stdin?.destroy();
  await stopping;
  group.leave();

  const result: ProgramResult = {
    ...end,
    stdout: outputs.stdout.bytes(),
    stderr: outputs.stderr.bytes(),
    truncated: outputs.stdout.leftOut() + outputs.stderr.leftOut(),
    inputTaken: feeding.taken(),
    durationMs: Math.round(performance.now() - started),
  };
  if (stopped?.why === 'timeout') throw timeoutFailure(program, args, result, timeoutMs!);
  if (stopped?.why === 'abort') throw stopFailure('interrupted', program, args, result, stopped.cause);
  if (stopped?.why === 'input') throw stopFailure('program', program, args, result, stopped.cause);
  if (end.status === null || !successStatuses.includes(end.status)) throw endFailure(program, args, result);
  return result;
}

async function start(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  options: SpawnOptions,
): Promise<ChildProcess> {
  try {
    const child = spawn(program, args, options);
    if (child.pid === undefined) {
      throw await new Promise((resolve) => child.once('error', resolve));
    }
    return child;
  } catch (error) {
    throw startFailure(program, args, options.cwd as string | undefined, env.PATH, error);
  }
}

type End = Pick<ProgramResult, 'status' | 'signal' | 'leftRunning'>;

/** The end of the child and of its output. Output that others hold open is given up when it was silent for the grace period. */
function ending(
  child: ChildProcess,
  graceMs: number,
  outputs: Readonly<Record<'stdout' | 'stderr', { add(chunk: Buffer): void }>>,
  { output, onStderr }: Pick<ProgramOptions, 'output' | 'onStderr'>,
) {
  let resolveEnd: (end: End) => void;
  const promise = new Promise<End>((resolve) => {
    resolveEnd = resolve;
  });
  let silence: NodeJS.Timeout | undefined;
  let isOver = false;
  let isHeard = false;
  const release = (): void => {
    child.stdout?.destroy();
    child.stderr!.destroy();
    child.unref();
    resolveEnd({ status: child.exitCode, signal: child.signalCode, leftRunning: true });
  };
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    // It has another end.
    if (stream === null) continue;
    stream.on('error', () => stream.destroy());
    if (name === 'stdout' && output !== undefined) {
      stream.pipe(output);
      // A reader that goes away must not leave the program waiting for ever: it gets EPIPE.
      output.once('close', () => stream.destroy());
      continue;
    }
    stream.on('data', (chunk: Buffer) => {
      isHeard = true;
      outputs[name].add(chunk);
      if (name === 'stderr') onStderr?.(chunk);
      silence?.refresh();
    });
  }
  child.on('error', () => undefined);
  child.once('exit', () => {
    // A slow reader is no silence of the program.
    if (output !== undefined && !output.destroyed) return;
    silence = setTimeout(() => {
      isHeard = false;
      // Where it was us who stood still, what has come meanwhile is heard only now.
      setImmediate(() => {
        if (!isOver && !isHeard) release();
      });
    }, graceMs);
  });
  child.once('close', (status, signal) => {
    isOver = true;
    clearTimeout(silence);
    resolveEnd({ status, signal, leftRunning: false });
  });
  return {
    promise,
    /** For a child that not even SIGKILL ends: it hangs in the kernel, on a dead mount or drive. */
    async giveUpAfter(ms: number): Promise<void> {
      const timer = setTimeout(release, ms);
      await promise;
      clearTimeout(timer);
    },
  };
}

/** Writes the input. A program that does not want all of it is no failure of ours; an input that fails is. */
function feed(child: ChildProcess, input: ProgramOptions['input'], onFailure: (cause: unknown) => void) {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (typeof input === 'string') yield Buffer.from(input, 'utf8');
    else if (input instanceof Uint8Array) yield input;
    else if (input !== undefined) yield* told(input, onFailure);
  }
  if (input !== undefined) {
    // EPIPE, or the end of the child: its status says what that means. A failed input was told above.
    pipeline(Readable.from(chunks(), { objectMode: false }), child.stdin!).catch(() => undefined);
  }
  return { taken: () => child.stdin?.writableFinished ?? true };
}

/** The same chunks; a failure of theirs is told. One of the reader, which comes in at the `yield`, is not. */
async function* told(
  source: AsyncIterable<Uint8Array>,
  onFailure: (cause: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await chunks.next().catch((error) => {
        ended = true;
        onFailure(error);
        throw error;
      });
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    if (!ended) await chunks.return?.();
  }
}
