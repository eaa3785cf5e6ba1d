import { describe, expect, test } from 'vitest';
import { storeContract } from './contract.ts';
import { memoryStore } from './memory-store.ts';
import type { Store } from './store.ts';

describe('the in-memory store keeps the contract', () => {
  test.each(storeContract.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const store = memoryStore();
    await one.run({ store, reopen: async () => store, prefix: 'scratch/' });
  });
});

describe('the contract notices a store that breaks it', () => {
  const broken: readonly (readonly [string, (inner: Store) => Store])[] = [
    [
      'shows what is not published',
      (inner) => ({ ...inner, stat: async (key) => (await inner.stat(key)) ?? found(inner, key) }),
    ],
    ['overwrites', (inner) => ({ ...inner, publish: (written, o) => overwriting(inner, written, o) })],
    [
      'cuts ranges short',
      (inner) => ({ ...inner, get: (key, o) => inner.get(key, o?.range ? { range: { start: 0, end: 0 } } : {}) }),
    ],
    ['hides its debris', (inner) => ({ ...inner, debris: async function* () {} })],
    ['lists by half', (inner) => ({ ...inner, list: (prefix) => firstOnly(inner, prefix) })],
  ];
  test.each(broken)('%s', async (_, breakIt) => {
    const failures: string[] = [];
    for (const one of storeContract) {
      const store = breakIt(memoryStore());
      await one.run({ store, reopen: async () => store, prefix: 'scratch/' }).catch(() => failures.push(one.name));
    }
    expect(failures).not.toEqual([]);
  });

  async function found(inner: Store, key: string) {
    for await (const one of inner.debris()) if (one.key === key) return one.object;
    return undefined;
  }
  async function* overwriting(
    inner: Store,
    ...[written, options]: Parameters<Store['publish']>
  ): ReturnType<Store['publish']> {
    const replaces = new Map(options?.replaces);
    for (const one of written) {
      const there = await inner.stat(one.key);
      if (there !== undefined) replaces.set(one.key, there.version);
    }
    yield* inner.publish(written, { replaces });
  }
  async function* firstOnly(inner: Store, prefix: string): ReturnType<Store['list']> {
    for await (const one of inner.list(prefix)) {
      yield one;
      return;
    }
  }
});
