import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, isStowageError, StowageError } from '../errors.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { Store, StoredObject, Versions, Written } from './store.ts';

/** For the contract: bytes of text, a chunk for each part. */
export async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

/** For the contract: an object with this text, published. */
export async function put(store: Store, key: StoreKey, text: string): Promise<StoredObject> {
  const [published] = await publish(store, [await store.write(key, chunks(text))]);
  return published!.object;
}

/** For the contract: publishes, and breaks unless all were told. */
export async function publish(
  store: Store,
  written: readonly Written[],
  replaces: Iterable<readonly [StoreKey, string]> = [],
) {
  const versions: Versions = new Map(replaces);
  const published: { key: StoreKey; object: StoredObject }[] = [];
  for await (const one of store.publish(written, { replaces: versions })) published.push(one);
  equal(published.length, written.length, 'number of published objects');
  return published;
}

/** For the contract: the content of an object, or of a range of it. */
export async function read(store: Store, key: StoreKey, range?: { start: number; end: number }): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of await store.get(key, range === undefined ? {} : { range })) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

/** For the contract: the keys below a prefix, sorted. */
export async function keysOf(store: Store, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const object of store.list(prefix)) keys.push(object.key);
  return keys.sort();
}

/** For the contract: the keys of what waits below a prefix, sorted. */
export async function debrisOf(store: Store, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const written of store.debris()) if (written.key.startsWith(prefix)) keys.push(written.key);
  return keys.sort();
}

/** For the contract: a breach unless it holds. */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new StowageError('bug', `the store breaks its contract: ${what}`);
}

/** For the contract: a breach unless both are equal. */
export function equal(seen: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(seen, expected)) return;
  throw new StowageError(
    'bug',
    `the store breaks its contract: ${what}: expected ${text(expected)}, saw ${text(seen)}`,
    {
      facts: { seen, expected },
    },
  );
}

/** For the contract: a breach unless the action rejects with this code. */
export async function rejects(code: ErrorCode, what: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (isStowageError(error, code)) return;
    throw new StowageError('bug', `the store breaks its contract: ${what} rejects with ${text(error)}, not '${code}'`, {
      cause: error,
    });
  }
  throw new StowageError('bug', `the store breaks its contract: ${what} succeeds, it should reject with '${code}'`);
}

function text(value: unknown): string {
  return value instanceof Error ? String(value) : JSON.stringify(value);
}
