import { randomUUID } from 'node:crypto';
import { StowageError } from '../errors.ts';
import type { StoreKey } from '../model/store-key.ts';
import { publishDecision } from './publish-decision.ts';
import type { Store, StoredObject, Written } from './store.ts';

interface Held {
  readonly object: StoredObject;
  readonly bytes: Buffer;
  readonly token: string;
}

/** A store in memory, for tests and examples: the contract in its plainest form. It keeps no index, so it has the rungs listed, size, digest and read. */
export function memoryStore(location = 'memory:'): Store {
  const published = new Map<StoreKey, Held>();
  const waiting = new Map<string, Held>();
  let versions = 0;

  const store: Store = {
    location,
    async stat(key, options) {
      options?.signal?.throwIfAborted();
      return published.get(key)?.object;
    },
    async *list(prefix, options) {
      for (const [key, held] of [...published]) {
        options?.signal?.throwIfAborted();
        if (key.startsWith(prefix)) yield held.object;
      }
    },
    async get(key, options) {
      const held = published.get(key);
      if (held === undefined) throw new StowageError('missing', `there is no object '${key}' in ${location}`);
      const { start, end } = options?.range ?? { start: 0, end: held.bytes.length };
      if (end > held.bytes.length) throw new StowageError('corrupt', `'${key}' ends before byte ${end}`);
      return chunksOf(held.bytes.subarray(start, end));
    },
    async digest(key, kind) {
      return published.get(key)?.object.digests[kind];
    },
    async write(key, bytes, options) {
      const parts: Uint8Array[] = [];
      for await (const chunk of bytes) {
        options?.signal?.throwIfAborted();
        parts.push(Buffer.from(chunk));
      }
      const content = Buffer.concat(parts);
      versions += 1;
      const token = randomUUID();
      const object: StoredObject = {
        key,
        bytes: content.length,
        version: `v${versions}`,
        modifiedNs: BigInt(versions),
        digests: { sha256: await sha256(content) },
        state: 'readable',
      };
      waiting.set(token, { object, bytes: content, token });
      return { key, object, token };
    },
    async *publish(written, options) {
      for (const one of written) {
        const held = waiting.get(one.token);
        const current = published.get(one.key);
        const decision = publishDecision(one, current?.object, options?.replaces?.get(one.key), {
          isOurs: current?.token === one.token,
          isWaiting: held !== undefined,
        });
        if (decision === 'publish' && held !== undefined) {
          published.set(one.key, held);
          waiting.delete(one.token);
        }
        yield { key: one.key, object: published.get(one.key)!.object };
      }
    },
    async discard(written: Written) {
      waiting.delete(written.token);
    },
    async *debris() {
      for (const held of [...waiting.values()]) yield { key: held.object.key, object: held.object, token: held.token };
    },
  };
  return store;
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))).toString('hex');
}
