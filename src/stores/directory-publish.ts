import type { FileOperations } from '../durable/file-operations.ts';
import { type NamedFile, nameNew, nameOver } from '../durable/publish-file.ts';
import { fileError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { StoreKey } from '../model/store-key.ts';
import { publishDecision } from '../store/publish-decision.ts';
import type { Published, StoredObject, Versions, Written } from '../store/store.ts';
import { objectOf, statOf } from './seen-object.ts';

/** What publishing needs to know of the directory store that it works in. */
export interface PublishPlaces {
  readonly location: string;
  objectPath(key: string): string;
  waitingPath(token: string): string;
  /** Makes sure of the folders above an object, durably. */
  settle(key: StoreKey): Promise<void>;
  leaveWaitingFolders(token: string): Promise<void>;
  seen(key: StoreKey): Promise<StoredObject | undefined>;
}

/** A call to the disk mostly waits for its turn. */
const finishedAtOnce = 16;

/**
 * Gives written objects their names, with one fsync for each folder: names all, makes the names durable, removes the waiting names, tells of each.
 * After a failure those before it are published and told.
 */
export async function* publishInDirectory(
  files: FileOperations,
  places: PublishPlaces,
  written: readonly Written[],
  replaces: Versions | undefined,
): AsyncGenerator<Published> {
  const named: { readonly one: Written; readonly file: NamedFile }[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (const one of written) {
    try {
      named.push({ one, file: await giveName(files, places, one, replaces?.get(one.key)) });
    } catch (error) {
      failure = { error };
      break;
    }
  }
  const within = async <Result>({ key }: Written, deed: () => Promise<Result>): Promise<Result> => {
    try {
      return await deed();
    } catch (error) {
      throw fileError(`cannot publish '${displayName(key)}' in ${places.location}`, error);
    }
  };
  const durable = new Set<string>();
  for (const { one, file } of named) {
    if (!durable.has(file.folder)) await within(one, () => files.syncFolder(file.folder));
    durable.add(file.folder);
  }
  const finish = async ({ one, file }: (typeof named)[number]): Promise<StoredObject> => {
    await within(one, async () => {
      if (file.temporary !== undefined) await files.unlink(file.temporary);
      await places.leaveWaitingFolders(one.token);
    });
    const object = await places.seen(one.key);
    if (object !== undefined) return object;
    throw new StowageError('unavailable', `'${displayName(one.key)}' was published and cannot be seen`);
  };
  for (let from = 0; from < named.length; from += finishedAtOnce) {
    const some = named.slice(from, from + finishedAtOnce);
    const finished = await Promise.allSettled(some.map(finish));
    for (const [index, { one }] of some.entries()) {
      const object = finished[index]!;
      if (object.status === 'rejected') throw object.reason;
      yield { key: one.key, object: object.value };
    }
  }
  if (failure !== undefined) throw failure.error;
}

async function giveName(
  files: FileOperations,
  places: PublishPlaces,
  one: Written,
  expected: string | undefined,
): Promise<NamedFile> {
  const name = displayName(one.key);
  const waitingPath = places.waitingPath(one.token);
  const path = places.objectPath(one.key);
  const waiting = await files.lstat(waitingPath).catch((error: unknown) => {
    throw fileError(`cannot look at what waits for '${name}' in ${places.location}`, error);
  });
  const current = await statOf(path, `cannot look at '${name}' in ${places.location}`);
  const currentObject = current === undefined ? undefined : objectOf(one.key, current);
  const sameFile = waiting !== undefined && current?.ino === waiting.ino && current.dev === waiting.dev;
  const decision = publishDecision(one, currentObject, expected, {
    isOurs: sameFile || (waiting === undefined && currentObject?.version === one.object.version),
    isWaiting: waiting !== undefined,
  });
  try {
    await places.settle(one.key);
    if (decision === 'publish') return await (current === undefined ? nameNew : nameOver)(files, waitingPath, path);
    // Whoever published it may have been killed before the name was durable, and before the waiting name was gone.
    return { folder: path.slice(0, path.lastIndexOf('/')), temporary: waiting === undefined ? undefined : waitingPath };
  } catch (error) {
    throw fileError(`cannot publish '${name}' in ${places.location}`, error);
  }
}
