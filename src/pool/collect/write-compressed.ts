import { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { OpenFile } from '../../durable/file-operations.ts';
import { publishOver } from '../../durable/publish-file.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { fileError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { runProgram } from '../../programs/run-program.ts';
import type { PoolRun } from '../pool-run.ts';

export type Compression = 'none' | 'gzip' | 'bzip2';

export interface CompressedOptions {
  readonly compression: Compression;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Writes a stream into a file, compressed, that appears whole and durable or not at all; one that has the name is replaced. Answers how many
 * bytes the file has. Rejects with what reading the stream throws, with `full` or `unavailable`, or `program` where bzip2 fails.
 */
export async function writeCompressed(
  run: Pick<PoolRun, 'files' | 'configuration' | 'signal'>,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { compression, owner }: CompressedOptions,
): Promise<number> {
  const { files, signal } = run;
  const temporary = temporaryName(path);
  try {
    const file = await files.open(temporary, 'wx');
    let bytes: number;
    try {
      if (compression === 'none') await writeAll(file, chunks);
      else if (compression === 'gzip')
        await pipeline(copies(chunks), createGzip(), into(file), { ...(signal && { signal }) });
      else await bzip2(run, file, chunks);
      await file.sync();
      bytes = Number((await file.stat()).size);
    } finally {
      await file.close();
    }
    if (owner !== undefined) await files.setAttributes(temporary, { owner });
    await publishOver(files, temporary, path);
    return bytes;
  } catch (error) {
    await files.unlink(temporary).catch(() => undefined);
    throw fileError(`cannot write '${displayName(path)}'`, error);
  }
}

async function writeAll(file: OpenFile, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) await file.write(chunk);
}

/** What packs a tar uses its memory again; what waits in a stream must not change. */
function copies(chunks: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(copied(chunks), { objectMode: false });
}

async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

function into(file: OpenFile): Writable {
  return new Writable({
    write: (chunk: Buffer, _, done) => {
      file.write(chunk).then(() => done(), done);
    },
  });
}

async function bzip2(
  { configuration, signal }: Pick<PoolRun, 'configuration' | 'signal'>,
  file: OpenFile,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  // What cannot be read must end the archive with its own error, not with that of a program whose input stopped.
  let failure: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* copied(chunks);
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  const output = into(file);
  const written = finished(output);
  written.catch(() => undefined);
  try {
    const program = configuration.options.overrides.get('bzip2') ?? 'bzip2';
    await runProgram(program, ['-c'], { input: watched(), output, ...(signal && { signal }) });
    await written;
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  }
}
