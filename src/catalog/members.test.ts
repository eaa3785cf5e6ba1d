import { existsSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { realFiles } from '../durable/real-files.ts';
import { scratchFolder as ownFolder, workFolder } from '../durable/scratch-folder.ts';
import type { Member } from '../model/manifest.ts';
import { parentOf } from '../model/relative-path.ts';
import { openCatalog } from './catalog.ts';
import { indexStatePath } from './index-state.ts';
import type { FolderSum, FoundMember, MemberQuery, MemberStore } from './member-query.ts';
import { type MembersOptions, openMembers } from './open-members.ts';
import { recordMembers } from './record-members.ts';
import { indexFolder, type StateFolder } from './state-folder.ts';
import { anyName, anyRuns, identity, type Recorded, section, stateWith, writeRuns } from './test-journals.ts';

const direct = 'as the journals stand';
const indexed = { indexFrom: 0 };

async function opened(state: StateFolder, options: Partial<MembersOptions> | typeof direct) {
  if (options === direct) return recordMembers(await openCatalog(state, section, identity));
  return openMembers(state, section, identity, { files: realFiles, ...options });
}

async function foundIn(store: MemberStore, query: MemberQuery) {
  const all: FoundMember[] = [];
  for await (const one of store.members(query)) all.push(one);
  return all;
}

async function found(state: StateFolder, query: MemberQuery, options: Partial<MembersOptions> | typeof direct) {
  const store = await opened(state, options);
  try {
    return await foundIn(store, query);
  } finally {
    await store.close();
  }
}

async function folders(state: StateFolder, options: Partial<MembersOptions> | typeof direct) {
  const store = await opened(state, options);
  try {
    const sums = new Map<string, FolderSum>();
    for await (const { folder, files, bytes } of store.folders()) {
      const { files: f, bytes: b } = sums.get(folder) ?? { files: 0, bytes: 0 };
      sums.set(folder, { folder, files: files + f, bytes: bytes + b });
    }
    return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    await store.close();
  }
}

async function sharedIn(store: MemberStore) {
  const all = new Map<string, readonly string[]>();
  for await (const [path, archives] of store.shared()) all.set(path, [...archives].sort());
  return all;
}

const file = (path: string, facts: Partial<Member> = {}): Member => ({
  path,
  type: 'file',
  bytes: 1,
  mtimeNs: 1n,
  mode: 0o644,
  uid: 0,
  gid: 0,
  ...facts,
});

const anyQuery: fc.Arbitrary<MemberQuery> = fc
  .record({
    text: fc.option(anyName, { nil: undefined }),
    below: fc.option(anyName.map(parentOf), { nil: undefined }),
    direct: fc.boolean(),
    directories: fc.boolean(),
    least: fc.option(fc.constantFrom(0, 1, 2, 2 ** 40), { nil: undefined }),
    latest: fc.option(fc.constantFrom(-1n, 0n, 10n ** 30n, -(10n ** 30n)), { nil: undefined }),
    key: fc.option(fc.constantFrom('data/x.tar', 'data/z'), { nil: undefined }),
    limit: fc.option(fc.constantFrom(1, 2, 100), { nil: undefined }),
  })
  .map(({ text, below, direct: isDirect, directories, least, latest, key, limit }) => ({
    ...(text === undefined ? {} : { holdsOneOf: [text], fits: (path: string) => path.includes(text) }),
    ...(below === undefined ? {} : { below }),
    direct: isDirect,
    directories,
    ...(least === undefined ? {} : { bytes: { from: least } }),
    ...(latest === undefined ? {} : { mtimeNs: { to: latest } }),
    ...(key === undefined ? {} : { archives: (one: string) => one === key }),
    ...(limit === undefined ? {} : { limit }),
  }));

test('an index answers as the journals do, when it is made and after more runs', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRuns,
      fc.nat(4),
      fc.array(anyQuery, { minLength: 3, maxLength: 12 }),
      async (runs, split, queries) => {
        const state = await stateWith(runs.slice(0, split));
        for (const part of [0, 1]) {
          if (part === 1) writeRuns(state, runs, Math.min(split, runs.length));
          const [one, other] = [await opened(state, indexed), await opened(state, direct)];
          for (const query of [{}, ...queries]) expect(await foundIn(one, query)).toEqual(await foundIn(other, query));
          const paths = [
            '',
            'd',
            'nowhere',
            ...queries.flatMap(({ below, holdsOneOf }) => [below ?? '', ...(holdsOneOf ?? [])]),
          ];
          expect(await one.archivesBelow(paths)).toEqual(await other.archivesBelow(paths));
          const many = [...Array.from({ length: 600 }, (_, index) => `no/${index}`), ...paths, ...odd];
          expect(await one.archivesBelow(many)).toEqual(await other.archivesBelow(many));
          expect(await sharedIn(one)).toEqual(await sharedIn(other));
          await one.close();
          expect(await folders(state, indexed)).toEqual(await folders(state, direct));
        }
      },
    ),
    { numRuns: 25 },
  );
});

const odd = [
  'plain',
  '%41',
  'A',
  '\udcff',
  'é',
  '\udcc3',
  'new\nline',
  '"quoted"',
  'a,b',
  '-rf',
  'tab\t',
  '\x7f',
  "it's",
  '\\x41',
  '日本',
  ' b ',
  '\u0001',
  '!',
];

test('odd names are found by what they are, not by how they are written', async () => {
  const state = await stateWith([[{ key: 'data/x.tar', members: odd.map((path) => file(path)) }]]);
  for (const text of [...odd, '41', '%', 'x41', '%2541', '0A', '\n']) {
    const query = { holdsOneOf: [text], fits: (path: string) => path.includes(text) };
    const expected = odd.filter((path) => path.includes(text)).sort();
    const paths = (await found(state, query, indexed)).map(({ member }) => member.path);
    expect([text, [...paths].sort()]).toEqual([text, expected]);
    expect(paths).toEqual((await found(state, query, direct)).map(({ member }) => member.path));
  }
});

const many: readonly Recorded[] = ['x', 'y', 'z'].map((name) => ({
  key: `data/${name}.tar`,
  members: Array.from({ length: 400 }, (_, index) => file(`${name}/${index % 7}/${index}`, { bytes: index })),
}));
const all: MemberQuery = {};
const filesOf = (state: StateFolder) =>
  readdirSync(indexFolder(state, section)).filter((name) => name.endsWith('.duckdb'));

describe('what an archive that was replaced held', () => {
  test('is not found any more, neither with a small change nor with a great one', async () => {
    const replaced = (keys: readonly number[]): readonly Recorded[] =>
      keys.map((at) => ({ ...many[at]!, members: [file('new', { bytes: 7 })] }));
    const runs = [[...many, { key: 'data/w.tar', members: [file('w/1')] }]];
    const state = await stateWith(runs);
    await found(state, all, indexed);
    const [base] = filesOf(state);
    for (const [run, files] of [
      [[{ key: 'data/w.tar', members: [file('w/2')] }], 2],
      [[{ key: 'data/w.tar', members: [file('w/2'), file('w/3')] }], 2],
      [replaced([0, 1]), 1],
    ] as const) {
      runs.push([...run]);
      writeRuns(state, runs, runs.length - 1);
      const now = await found(state, all, indexed);
      expect(now).toEqual(await found(state, all, direct));
      expect(now.some(({ member }) => member.path === 'w/1')).toBe(false);
      expect(filesOf(state).length).toBe(files);
      expect(filesOf(state).includes(base!)).toBe(files === 2);
    }
  });
});

test('an index is made once, and stays while nothing is recorded', async () => {
  const state = await stateWith([many]);
  const told: number[] = [];
  await found(state, all, { ...indexed, progress: (members) => told.push(members) });
  expect(told.at(-1)).toBe(1200);
  const files = filesOf(state);
  const unread = { ...indexed, progress: () => expect.unreachable('it is made again') };
  expect((await found(state, all, unread)).length).toBe(1200);
  expect(filesOf(state)).toEqual(files);
  expect(readdirSync(`${state.path}/work`)).toEqual([]);
});

describe('an index that cannot be used is made anew', () => {
  const spoil = (state: StateFolder, change: (bytes: Buffer) => Buffer) => {
    const path = join(indexFolder(state, section), filesOf(state)[0]!);
    writeFileSync(path, change(readFileSync(path)));
  };
  test.each<[string, (state: StateFolder) => void]>([
    ['without its state', (state) => writeFileSync(indexStatePath(state, section), '')],
    [
      'a state with a flipped bit',
      (state) =>
        writeFileSync(
          indexStatePath(state, section),
          readFileSync(indexStatePath(state, section), 'utf8').replace('"base"', '"bate"'),
        ),
    ],
    ['a file that was cut', (state) => truncateSync(join(indexFolder(state, section), filesOf(state)[0]!), 5000)],
    ['a file of zeros', (state) => spoil(state, (bytes) => Buffer.alloc(bytes.length))],
    ['a bad head', (state) => spoil(state, (bytes) => Buffer.concat([Buffer.alloc(4096, 7), bytes.subarray(4096)]))],
    [
      'bad data',
      (state) =>
        spoil(state, (bytes) => Buffer.concat([bytes.subarray(0, 12_288), Buffer.alloc(bytes.length - 12_288, 7)])),
    ],
    [
      'a journal that was replaced',
      (state) => {
        const path = join(state.path, 'journal', section, readdirSync(join(state.path, 'journal', section))[0]!);
        utimesSync(path, 1, 1);
      },
    ],
  ])('%s', async (_, damage) => {
    const state = await stateWith([many]);
    const expected = await found(state, all, direct);
    await found(state, all, indexed);
    const [before] = filesOf(state);
    damage(state);
    expect(await found(state, all, indexed)).toEqual(expected);
    expect(filesOf(state)).not.toContain(before);
    expect(filesOf(state).length).toBe(1);
  });
});

describe('the limits of the database', () => {
  const wide: readonly Recorded[] = [
    {
      key: 'data/x.tar',
      members: Array.from({ length: 60_000 }, (_, at) => file(`${'long/'.repeat(20)}${(at * 7919) % 60_000}`)),
    },
  ];
  test.each([
    ['too little memory', { memoryMiB: 2 }],
    ['too little space for the work', { memoryMiB: 12, workMiB: 1 }],
  ])(
    '%s is told, and the next run works',
    async (_, limits) => {
      const state = await stateWith([wide]);
      await expect(found(state, all, { ...indexed, ...limits })).rejects.toMatchObject({
        code: 'full',
        hint: expect.any(String),
      });
      expect(readdirSync(`${state.path}/work`)).toEqual([]);
      expect((await found(state, all, indexed)).length).toBe(60_000);
    },
    60_000,
  );
});

test('a search that is stopped leaves nothing', async () => {
  const state = await stateWith([many]);
  const stop = new AbortController();
  const stopped = found(state, all, { ...indexed, signal: stop.signal, progress: () => stop.abort() });
  await expect(stopped).rejects.toThrow();
  expect(readdirSync(`${state.path}/work`)).toEqual([]);
  expect(existsSync(indexStatePath(state, section))).toBe(false);
  expect((await found(state, all, indexed)).length).toBe(1200);
});

test('what a killed process left in its work folder is removed by the next one', async () => {
  const state = await stateWith([many]);
  await found(state, all, indexed);
  const parent = join(state.path, 'work');
  const living = await ownFolder(realFiles, parent, workFolder);
  // The name says whose it is: the same with the number of a process that cannot be.
  const gone = living.path.replace(`_${process.pid}_`, `_${2 ** 22 + 1}_`);
  await realFiles.mkdir(gone);
  writeFileSync(join(gone, 'members.duckdb'), 'half');
  await found(state, all, indexed);
  expect(readdirSync(parent)).toEqual([basename(living.path)]);
});

test('where nothing can be written, the journals are searched', async () => {
  const state = await stateWith([many]);
  writeFileSync(join(state.path, 'work'), 'in the way');
  expect((await found(state, all, indexed)).length).toBe(1200);
  expect(existsSync(join(state.path, 'index'))).toBe(false);
});

test('a state folder whose name is not UTF-8 is searched without an index', async () => {
  const state = { path: `${await scratchFolder()}/\udcff` };
  const { fsPath } = await import('../model/byte-name.ts');
  const { mkdirSync } = await import('node:fs');
  mkdirSync(fsPath(`${state.path}/journal/${section}`), { recursive: true });
  const other = await stateWith([many]);
  const [name] = readdirSync(`${other.path}/journal/${section}`);
  writeFileSync(
    fsPath(`${state.path}/journal/${section}/${name}`),
    readFileSync(`${other.path}/journal/${section}/${name}`),
  );
  expect((await found(state, all, indexed)).length).toBe(1200);
});
