import { dirname } from 'node:path';
import type { FileOperations } from '../../durable/file-operations.ts';
import { publishTogether, type WaitingFile } from '../../durable/publish-together.ts';
import { fewFiles, syncsFileSystem } from '../../durable/sync-file-system.ts';
import { isStowageError, type StowageError } from '../../errors.ts';
import { setExtendedAttributes } from './extended-attributes.ts';

/** A file that is whole and proven, and waits for its attributes, the medium and its name. */
export interface ProvenFile extends WaitingFile {
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where proven files get their names. */
export interface Publisher {
  /**
   * Resolves when the file has its name, durably. Rejects, with its temporary name removed, if it cannot have it. `withoutAttributes` is told why there are no attributes: once for all files.
   */
  publish(file: ProvenFile, withoutAttributes: (reason: StowageError) => void): Promise<void>;
  /** One more file is on its way, until the function is called that this answers: others wait a little for it, to go together. */
  expect(): () => void;
}

/** So long a file waits for others at most, and with so many it goes. */
const gatherMs = 250;
const enough = 128;

interface Waiting {
  readonly file: ProvenFile;
  readonly withoutAttributes: (reason: StowageError) => void;
  readonly done: (problem: undefined | { readonly error: unknown }) => void;
}

/** A publisher. All that comes while it is busy goes together next: many files cost little more than one. */
export function publisher(files: FileOperations): Publisher {
  let queue: Waiting[] = [];
  let isBusy = false;
  let hasAttributes = true;
  let expected = 0;
  let enoughCame: () => void = () => undefined;
  const isEnough = (): boolean => expected === 0 || queue.length >= enough;

  async function gather(): Promise<void> {
    if (isEnough()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, gatherMs);
      enoughCame = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function attribute(batch: readonly Waiting[]): Promise<void> {
    if (!hasAttributes) return;
    try {
      await setExtendedAttributes(
        batch.map(({ file: { temporary, attributes } }) => ({ path: temporary, attributes })),
      );
    } catch (error) {
      if (!isStowageError(error)) throw error;
      hasAttributes = false;
      batch[0]!.withoutAttributes(error);
    }
  }

  async function work(): Promise<void> {
    isBusy = true;
    while (queue.length > 0) {
      await gather();
      const batch = queue;
      queue = [];
      try {
        await attribute(batch);
        const many = batch.length >= fewFiles;
        const waiting = await Promise.all(batch.map(({ file }) => readyToSync(files, file, many)));
        const problems = await publishTogether(files, waiting);
        for (const [at, { done }] of batch.entries()) done(problems[at]);
      } catch (error) {
        for (const { done } of batch) done({ error });
      }
    }
    isBusy = false;
  }

  return {
    publish(file, withoutAttributes) {
      return new Promise((resolve, reject) => {
        const done: Waiting['done'] = (problem) => (problem === undefined ? resolve() : reject(problem.error));
        queue.push({ file, withoutAttributes, done });
        if (!isBusy) void work();
        else if (isEnough()) enoughCame();
      });
    },
    expect() {
      expected += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        expected -= 1;
        if (isEnough()) enoughCame();
      };
    },
  };
}

/** A file that is closed is synced with its whole file system where there are many, else by itself. */
async function readyToSync(files: FileOperations, file: ProvenFile, many: boolean): Promise<WaitingFile> {
  if (file.file !== undefined || (many && syncsFileSystem(dirname(file.path)))) return file;
  return { ...file, file: await files.open(file.temporary, 'a') };
}
