import { PassThrough } from 'node:stream';
import { type ProgramOptions, runProgram } from '../../programs/run-program.ts';
import { type Compression, writeCompressed } from '../collect/write-compressed.ts';
import { ownerOf } from '../owner.ts';
import type { PoolRun } from '../pool-run.ts';

export interface Dump {
  /** The name of the program; the configuration may override it. */
  readonly program: string;
  readonly args: readonly string[];
  /** Where its output goes, without the ending of the compression. */
  readonly target: string;
  readonly compression: Compression;
  readonly options?: Pick<ProgramOptions, 'env' | 'successStatuses'>;
}

/** The ending that a compression adds to a name. */
export const compressionEndings: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', bzip2: '.bz2' };

/**
 * Runs a program and streams what it says into a compressed file, which appears whole and durable, and only if the program ended well. Gives the path of the
 * file and its size. Rejects with `program`, `full` or `unavailable`.
 */
export async function dumpProgram(
  run: PoolRun,
  dump: Dump,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const { options: settings } = run.configuration;
  const output = new PassThrough();
  const running = runProgram(settings.overrides.get(dump.program) ?? dump.program, dump.args, {
    ...dump.options,
    output,
    ...(run.signal && { signal: run.signal }),
  });
  // A program that does not even start never ends its output.
  running.catch(() => output.end());
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* output as AsyncIterable<Buffer>;
    await running;
  }
  const path = `${dump.target}${compressionEndings[dump.compression]}`;
  const owner = await ownerOf(settings);
  const bytes = await writeCompressed(run, path, chunks(), { compression: dump.compression, owner });
  return { path, bytes };
}
