import { isStowageError, StowageError } from '../../../errors.ts';
import type { ParallelGrid } from '../../connect.ts';
import { errnoOf } from '../../errno.ts';
import type { Access } from '../../grid-results.ts';
import type { CopyOptions } from '../copy-options.ts';
import { whenReachable } from '../when-reachable.ts';
import { commitReplica } from './commit-replica.ts';
import { filePatience } from './file-patience.ts';
import { mayRemain, removeStored, type Storage, storeReplica, type Writing } from './store-replica.ts';
import { elsewhere, type Wish } from './where-to.ts';

/** A file that is to be at several storage elements. */
export interface Replicas {
  /** What it is called in the catalogue while it is stored. */
  readonly lfn: string;
  readonly wish: Wish;
  readonly writing: Omit<Writing, 'noted' | 'moved' | 'signal'>;
  readonly options: CopyOptions;
  /** Where it is already, stored and committed. */
  readonly at: readonly string[];
  /** Notes, durably, what is about to be stored. */
  booked(accesses: readonly Access[]): Promise<void>;
  /** So many bytes were handed over, from the beginning, to the replica that is furthest. */
  moved(bytes: number): void;
  /** Is told of each replica that did not come about. */
  failed(se: string, reason: StowageError): void;
}

/** What became of it. */
export interface Written {
  /** How many replicas it was to have. */
  readonly wanted: number;
  /** Where it is stored, checked and committed. */
  readonly elements: readonly string[];
  readonly failures: readonly StowageError[];
  /** True if something may be stored of which nobody knows whether it was committed, or that could not be removed. */
  readonly isOpen: boolean;
}

const defaultRetries = 2;
/** EBADFD: no storage element for us. */
const nobody = 77;

/**
 * Asks for storage elements, writes to all of them at once and commits each replica as soon as it is stored and checked. Those that fail are made up for elsewhere and, where
 * there is no other, once more at the same. Rejects only if nothing was begun, or if it cannot be noted.
 */
export async function writeReplicas(grid: ParallelGrid, storage: Storage, file: Replicas): Promise<Written> {
  const { lfn, wish, writing, options } = file;
  const { content } = writing;
  const elements = [...file.at];
  const failures: StowageError[] = [];
  const tried = new Set(elements);
  const notWritten = new Set<string>();
  let remaining: readonly Access[] = [];
  const patience = filePatience(options);
  let isUncertain = false;
  let committing: Promise<unknown> = Promise.resolve();

  async function ask(where: readonly string[]): Promise<readonly Access[]> {
    try {
      return await whenReachable(() => grid.accessToWrite(lfn, { bytes: content.bytes, md5: content.md5, where }));
    } catch (error) {
      if (errnoOf(error) === nobody) return [];
      throw error;
    }
  }

  async function other(missing: number): Promise<readonly Access[]> {
    const specs = elsewhere(wish, missing, [...tried], options.strict === true);
    const found = specs === undefined ? [] : await ask(specs);
    if (found.length > 0) return found;
    const again = [...notWritten].filter((se) => !elements.includes(se)).slice(0, missing);
    if (again.length === 0) return [];
    // It may get the same place there once more. Where what lies there cannot be removed, it is not tried: nobody could tell the two apart later.
    await removeRemaining();
    return (await ask(again)).filter((access) => !remaining.some(({ url }) => url === access.url));
  }

  async function write(access: Access, noted: Promise<void>): Promise<void> {
    tried.add(access.se);
    const fail = (reason: StowageError): void => {
      notWritten.add(access.se);
      failures.push(reason);
      file.failed(access.se, reason);
    };
    const pace = patience.replica();
    try {
      await storeReplica(storage, access, {
        ...writing,
        noted,
        signal: pace.signal,
        moved(bytes) {
          pace.moved(bytes);
          file.moved(bytes);
        },
      });
      pace.end();
      // One after the other: the first makes the entry of the file, and the others are added to it.
      const commit = committing.then(() => commitReplica(grid, access, lfn, content));
      committing = commit.catch(() => undefined);
      const not = await commit;
      if (not === undefined) elements.push(access.se);
      else if (not.isUncertain) {
        isUncertain = true;
        fail(uncertain(lfn, access.se, not.reason));
      } else {
        // It is not in the catalogue, and will not be: nobody else knows of it.
        await removeStored(storage, access).catch(() => undefined);
        fail(not.reason);
      }
    } catch (error) {
      if (!isStowageError(error)) throw error;
      if (mayRemain(error)) remaining = [...remaining, access];
      fail(pace.explain(error));
    } finally {
      pace.end();
    }
  }

  /** True if all is gone that is not in the catalogue. What was removed is not removed again: its place may have been given anew. */
  async function removeRemaining(): Promise<boolean> {
    const kept = await Promise.all(
      remaining.map((access) =>
        removeStored(storage, access).then(
          () => [],
          () => [access],
        ),
      ),
    );
    remaining = kept.flat();
    return remaining.length === 0;
  }

  const missingAtFirst = wish.count - elements.length;
  let accesses: readonly Access[] = [];
  if (elements.length === 0) accesses = await ask(wish.specs);
  else if (missingAtFirst > 0) accesses = await other(missingAtFirst);
  if (accesses.length === 0 && elements.length === 0) throw nowhere(lfn, wish);
  const wanted = wish.isAsked ? wish.count : Math.min(wish.count, elements.length + accesses.length);

  try {
    for (let round = 0; accesses.length > 0; round += 1) {
      const noted = file.booked(accesses);
      noted.catch(() => undefined);
      await Promise.all(accesses.map((access) => write(access, noted)));
      await noted;
      const missing = wanted - elements.length;
      if (missing <= 0 || isUncertain || round >= (options.retries ?? defaultRetries)) break;
      if (patience.isOver() || failures.some(({ code }) => code === 'changed')) break;
      accesses = await other(missing).catch((error: unknown) => {
        if (!isStowageError(error)) throw error;
        failures.push(error);
        return [];
      });
    }
  } finally {
    patience.end();
  }
  const isClean = await removeRemaining();
  return { wanted, elements, failures, isOpen: isUncertain || !isClean };
}

function nowhere(lfn: string, { specs }: Wish): StowageError {
  return new StowageError(
    'refused',
    `the Grid gives no storage element to write '${lfn}' to (asked for ${specs.join(',')})`,
    {
      hint: 'may you write there (alien.py ls -l of its directory)? Is there room for you (alien.py quota), and are there such elements (alien.py listSEs)?',
      facts: { errno: nobody, lfn },
    },
  );
}

function uncertain(lfn: string, se: string, cause: StowageError): StowageError {
  return new StowageError('unavailable', `stored at ${se}, and not known whether committed: ${cause.message}`, {
    hint: `run the same again: what is stored is then committed, and not sent again`,
    facts: { ...cause.facts, lfn, se },
    cause,
  });
}
