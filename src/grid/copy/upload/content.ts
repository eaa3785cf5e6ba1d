import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileError } from '../../../errors.ts';
import { displayName } from '../../../model/byte-name.ts';
import { workerUrl } from '../../../model/worker-url.ts';
import { type Crew, crew } from '../../../threads/crew.ts';
import { changed, type LocalFile } from './local-file.ts';
import type { Md5Input, Md5Output } from './md5-task.ts';

/** What is in a file that is to be stored. */
export interface Content {
  readonly bytes: number;
  readonly md5: string;
  /** All of it, where it is small: what is sent is then what was digested. */
  readonly whole: Buffer | undefined;
}

/** Takes digests of files: of large ones in threads, so that the next file is read while one is sent. */
export interface Digester {
  /** Reads the file once. Rejects with `changed` if it is not what it was when it was opened. */
  contentOf(file: LocalFile): Promise<Content>;
  close(): Promise<void>;
}

/** Files up to this length are kept in memory from their digest to their storing. */
export const smallBytes = 1 << 20;

const mostThreads = 2;

/** A digester whose threads start with the first large file. */
export function digester(): Digester {
  let hands: Crew | undefined;

  async function inThread(file: LocalFile): Promise<string> {
    hands ??= crew(Math.min(mostThreads, availableParallelism()));
    const input: Md5Input = { descriptor: file.descriptor, bytes: file.bytes };
    const read = await hands.run<Md5Output>(workerUrl('md5-task'), input).catch((error: unknown) => {
      throw fileError(`cannot read '${displayName(file.path)}'`, error);
    });
    if (read.bytes !== file.bytes) throw changed(file.path, `it ended at ${read.bytes} bytes`);
    return read.md5;
  }

  return {
    async contentOf(file) {
      const whole = file.bytes <= smallBytes ? await file.read(0, file.bytes) : undefined;
      const md5 = whole === undefined ? await inThread(file) : createHash('md5').update(whole).digest('hex');
      await file.refuseChanged();
      return { bytes: file.bytes, md5, whole };
    },
    async close() {
      await hands?.close();
    },
  };
}
