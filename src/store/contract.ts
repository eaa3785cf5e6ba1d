import { StowageError } from '../errors.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import { check, chunks, debrisOf, equal, keysOf, publish, put, read, rejects } from './contract-checks.ts';
import type { Store, Written } from './store.ts';

/**
 * What every store must do, as runnable cases that know no test runner: the test suite runs them against each driver,
 * and a user can run them against a real store in a scratch folder. A breach throws `bug` with what was seen.
 */
export interface ContractCase {
  readonly name: string;
  run(context: ContractContext): Promise<void>;
}

export interface ContractContext {
  readonly store: Store;
  /** The same store as another process would open it, with nothing remembered. */
  reopen(): Promise<Store>;
  /** A prefix ending in '/' that holds nothing; a new one for each case. */
  readonly prefix: string;
}

/** The cases, in an order in which the first failure says most. */
export const storeContract: readonly ContractCase[] = [
  contractCase(
    'an object that was never there is undefined, and its prefix lists nothing',
    async ({ store, key, prefix }) => {
      equal(await store.stat(key('absent')), undefined, 'stat of an absent object');
      equal(await keysOf(store, prefix), [], 'list of an empty prefix');
    },
  ),
  contractCase('what is written is not seen before it is published, and is seen whole afterwards', async (context) => {
    const { store, key, prefix, reopen } = context;
    const written = await store.write(key('a.tar'), chunks('one', 'two'));
    equal(written.object.bytes, 6, 'bytes of the written object');
    equal(await store.stat(key('a.tar')), undefined, 'stat before publish');
    equal(await keysOf(store, prefix), [], 'list before publish');
    const published = await publish(store, [written]);
    equal(published[0]?.key, key('a.tar'), 'key of what was published');
    for (const view of [store, await reopen()]) {
      const seen = await view.stat(key('a.tar'));
      equal(seen?.bytes, 6, 'bytes after publish');
      equal(seen?.version, published[0]?.object.version, 'version after publish');
      equal(await keysOf(view, prefix), [key('a.tar')], 'list after publish');
      equal(await read(view, key('a.tar')), 'onetwo', 'content');
    }
  }),
  contractCase('an empty object is an object', async ({ store, key }) => {
    await put(store, key('empty'), '');
    equal((await store.stat(key('empty')))?.bytes, 0, 'bytes');
    equal(await read(store, key('empty')), '', 'content');
  }),
  contractCase('ranges are exact, and one past the end is an error', async ({ store, key }) => {
    await put(store, key('r'), '0123456789');
    equal(await read(store, key('r'), { start: 3, end: 7 }), '3456', 'range');
    equal(await read(store, key('r'), { start: 0, end: 0 }), '', 'empty range');
    await rejects('corrupt', 'range past the end', () => read(store, key('r'), { start: 5, end: 11 }));
  }),
  contractCase('reading what is not there rejects', async ({ store, key }) => {
    await rejects('missing', 'get of an absent object', () => read(store, key('absent')));
  }),
  contractCase('a name that is taken is not taken again', async ({ store, key }) => {
    await put(store, key('n'), 'old');
    const second = await store.write(key('n'), chunks('new'));
    await rejects('exists', 'publish over an existing object', () => publish(store, [second]));
    equal(await read(store, key('n')), 'old', 'content after a refused publish');
    await store.discard(second);
  }),
  contractCase('a replacement needs the version that is there, and changes it', async ({ store, key }) => {
    const first = await put(store, key('v'), 'one');
    const stale = await store.write(key('v'), chunks('two'));
    await rejects('changed', 'publish over another version', () =>
      publish(store, [stale], [[key('v'), 'no such version']]),
    );
    equal(await read(store, key('v')), 'one', 'content after a refused replacement');
    const [replaced] = await publish(store, [stale], [[key('v'), first.version]]);
    check(replaced?.object.version !== first.version, 'a replacement of the same size has another version');
    equal(await read(store, key('v')), 'two', 'content after the replacement');
  }),
  contractCase('a replacement of what has gone is refused', async ({ store, key }) => {
    const written = await store.write(key('gone'), chunks('x'));
    await rejects('changed', 'replacement of an absent object', () => publish(store, [written], [[key('gone'), 'v']]));
    await store.discard(written);
  }),
  contractCase('publishing again after a lost reply is safe', async ({ store, key, prefix, reopen }) => {
    const written = await store.write(key('again'), chunks('x'));
    const [once] = await publish(store, [written]);
    const [twice] = await publish(await reopen(), [written]);
    equal(twice?.object.version, once?.object.version, 'version');
    equal(await keysOf(store, prefix), [key('again')], 'list');
    const next = await store.write(key('again'), chunks('y'));
    const replaces = [[key('again'), once!.object.version]] as const;
    await publish(store, [next], replaces);
    await publish(store, [next], replaces);
    equal(await read(store, key('again')), 'y', 'content after a repeated replacement');
  }),
  contractCase('what was discarded is gone, twice too, and cannot be published', async ({ store, key, prefix }) => {
    const written = await store.write(key('d'), chunks('x'));
    await store.discard(written);
    await store.discard(written);
    await rejects('missing', 'publish of what was discarded', () => publish(store, [written]));
    equal(await keysOf(store, prefix), [], 'list');
    equal(await debrisOf(store, prefix), [], 'debris');
  }),
  contractCase('a failing source leaves nothing under the name', async ({ store, key, prefix }) => {
    const failing = async function* () {
      yield Buffer.from('half');
      throw new StowageError('changed', 'the source changed');
    };
    await rejects('changed', 'write from a failing source', () => store.write(key('f'), failing()));
    equal(await store.stat(key('f')), undefined, 'stat');
    equal(await keysOf(store, prefix), [], 'list');
  }),
  contractCase('chunks whose memory is used again are stored as they were', async ({ store, key }) => {
    const memory = [Buffer.alloc(4), Buffer.alloc(4), Buffer.alloc(4)];
    const reusing = async function* () {
      for (let turn = 0; turn < 30; turn += 1) {
        const chunk = memory[turn % memory.length]!;
        chunk.fill(`${turn}`.padStart(4, '0'));
        yield chunk;
      }
    };
    const written = await store.write(key('ring'), reusing());
    await publish(store, [written]);
    const expected = Array.from({ length: 30 }, (_, turn) => `${turn}`.padStart(4, '0')).join('');
    equal(await read(store, key('ring')), expected, 'content');
  }),
  contractCase('what was never published is debris for the next run, and can be discarded there', async (context) => {
    const { store, key, prefix, reopen } = context;
    const written = await store.write(key('left/over.tar'), chunks('x'));
    const later = await reopen();
    equal(await debrisOf(later, prefix), [key('left/over.tar')], 'debris');
    for await (const one of later.debris()) if (one.token === written.token) await later.discard(one);
    equal(await debrisOf(later, prefix), [], 'debris after discarding it');
  }),
  contractCase('names go in and come out unchanged', async ({ store, key, prefix }) => {
    const names = [
      '-rf',
      'a b',
      "it's",
      'x;y',
      '$HOME',
      '*',
      'Ünï',
      '日本',
      '%41',
      'a\\b',
      'tab\there',
      '#',
      'a:b',
      '.hidden',
    ];
    for (const name of names) await put(store, key(name), name);
    equal(await keysOf(store, prefix), names.map(key).sort(), 'list');
    for (const name of names) equal(await read(store, key(name)), name, `content of ${name}`);
  }),
  contractCase('a prefix is a prefix of the key, not a pattern', async ({ store, key, prefix }) => {
    for (const name of ['d/x', 'd/y/z', 'dx', 'e']) await put(store, key(name), name);
    equal(await keysOf(store, `${prefix}d/`), ['d/x', 'd/y/z'].map(key), 'list of a folder');
    equal(await keysOf(store, `${prefix}d`), ['d/x', 'd/y/z', 'dx'].map(key), 'list of a part of a name');
    equal(await keysOf(store, `${prefix}*`), [], 'list of a wildcard');
  }),
  contractCase(
    'several are published in their order, and after a refusal those behind it still wait',
    async (context) => {
      const { store, key, prefix, reopen } = context;
      await put(store, key('taken'), 'old');
      const names = ['g/one', 'g/two', 'taken', 'g/three'];
      const written: Written[] = [];
      for (const name of names) written.push(await store.write(key(name), chunks(name)));
      const told: string[] = [];
      await rejects('exists', 'publish of several, of which one is taken', async () => {
        for await (const one of store.publish(written)) told.push(one.key);
      });
      equal(told, ['g/one', 'g/two'].map(key), 'what was published before the refusal');
      equal(await keysOf(await reopen(), prefix), ['g/one', 'g/two', 'taken'].map(key), 'list after the refusal');
      await publish(store, [written[0]!, written[1]!, written[3]!]);
      equal(await keysOf(store, prefix), ['g/one', 'g/three', 'g/two', 'taken'].map(key), 'list after the rest');
      for (const name of ['g/one', 'g/two', 'g/three']) equal(await read(store, key(name)), name, `content of ${name}`);
      equal(await read(store, key('taken')), 'old', 'content of the refused one');
      await store.discard(written[2]!);
      equal(await debrisOf(store, prefix), [], 'debris');
    },
  ),
  contractCase('several are written at once', async ({ store, key, prefix }) => {
    const names = Array.from({ length: 12 }, (_, index) => `many/${index}`);
    const written = await Promise.all(names.map((name) => store.write(key(name), chunks(name, name))));
    equal(await keysOf(store, prefix), [], 'list before publish');
    await publish(store, written);
    for (const name of names) equal(await read(store, key(name)), name + name, `content of ${name}`);
  }),
  contractCase('an aborted call stops', async ({ store, key }) => {
    const signal = AbortSignal.abort();
    const stopped = await store.write(key('x'), chunks('x'), { signal }).then(
      () => false,
      () => true,
    );
    check(stopped, 'write with an aborted signal rejects');
    equal(await store.stat(key('x')), undefined, 'stat');
  }),
];

interface CaseContext extends ContractContext {
  key(name: string): StoreKey;
}

function contractCase(name: string, run: (context: CaseContext) => Promise<void>): ContractCase {
  return { name, run: (context) => run({ ...context, key: (text) => storeKey(`${context.prefix}${text}`) }) };
}
