import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '../model/entry.ts';
import { contentMembers, type Manifest, type Member } from '../model/manifest.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import type { ArchiveRow } from './archive-row.ts';
import { contentBytes } from './content-bytes.ts';
import { partName, partOf } from './part-name.ts';
import { type ArchivePlan, type Policy, planArchive } from './plan-archive.ts';
import { type HeldPart, splitRow } from './split-row.ts';

const policy: Policy = { sizeLimit: 100, allowShrink: false, split: true };
const whole: Policy = { ...policy, split: false };

function entry(path: string, bytes: number, fields: Partial<Entry> = {}): Entry {
  return { path, disk: '/a', type: 'file', bytes, mtimeNs: 5n, mode: 0o644, uid: 0, gid: 0, ...fields };
}

function held(name: string, entries: readonly Entry[]): ArchiveRow['held'] {
  const members = entries.map(({ disk: _, sharedFile: __, ...one }) => ({ ...one, sha256: 'd' }) as Member);
  const key = storeKey(`data/${name}`);
  const manifest: Manifest = {
    key,
    format: 'tar',
    bytes: 1,
    base: '',
    adopted: false,
    digestsFrom: 'writing',
    members,
  };
  return { version: 'v', bytes: 1, neverVerified: false, manifest };
}

function part(number: number, entries: readonly Entry[]): HeldPart {
  const name = partName('x.tar', number);
  return { key: storeKey(`data/${name}`), number, held: held(name, entries)! };
}

function row(entries: readonly Entry[], base?: readonly Entry[]): ArchiveRow {
  const fields = base === undefined ? {} : { held: held('x.tar', base)! };
  return { key: storeKey('data/x.tar'), name: 'x.tar', entries, blind: ['somewhere'], ...fields };
}

/** Rows in short: `x.tar: a b`. */
function split(one: ArchiveRow, parts: readonly HeldPart[] = [], by: Policy = policy, ruled: readonly string[] = []) {
  const { rows, findings } = splitRow(one, parts, by, (name) => ruled.includes(name));
  const told = findings.map((finding) => {
    if (finding.kind === 'refused') return `${finding.path} ${finding.why.kind}`;
    return finding.kind === 'withheld' ? `${finding.archive} ${finding.why.kind}` : finding.kind;
  });
  const shown = rows.map(({ key, name, entries }) => {
    expect(key).toBe(`data/${name}`);
    return `${name}: ${entries.map((found) => found.path).join(' ')}`;
  });
  return [...shown, ...told];
}

const [a, b, c, d] = [entry('a', 60), entry('b', 40), entry('c', 50), entry('d', 50)];
const p = (number: number) => partName('x.tar', number);

test.each([
  ['it fits: it is whole', split(row([a, b])), ['x.tar: a b']],
  ['it does not: parts from the first, by path', split(row([a, b, c, d])), [`${p(1)}: a b`, `${p(2)}: c d`]],
  ['not asked to split: one row, to be refused', split(row([a, b, c]), [], whole), ['x.tar: a b c']],
  [
    'members stay together in the order of the paths',
    split(row([c, d, a].map((one, at) => ({ ...one, path: `${at}` })))),
    [`${p(1)}: 0 1`, `${p(2)}: 2`],
  ],
  ['one that is too large alone', split(row([a, entry('b', 101), c])), [`${p(1)}: a`, `${p(2)}: c`, 'b too-large']],
  ['nothing but one that is too large', split(row([entry('b', 101)])), ['b too-large']],
  [
    'held in parts: it stays so',
    split(row([a, b, c]), [part(1, [a, b]), part(2, [c])]),
    ['x.tar: ', `${p(1)}: a b`, `${p(2)}: c`].slice(1),
  ],
  ['also where it would fit by now', split(row([b, c]), [part(1, [b]), part(2, [c])]), [`${p(1)}: b`, `${p(2)}: c`]],
  [
    'also where the limit is lower by now',
    split(row([a, b]), [part(1, [a, b])], { ...policy, sizeLimit: 70 }),
    [`${p(1)}: a b`],
  ],
  [
    'also where nothing is to be split any more',
    split(row([a, b, c]), [part(1, [a, b]), part(2, [c])], whole),
    [`${p(1)}: a b`, `${p(2)}: c`],
  ],
  [
    'new ones go to the last part while it has room',
    split(row([a, b, c, entry('c2', 10)]), [part(1, [a, b]), part(2, [c])]),
    [`${p(1)}: a b`, `${p(2)}: c c2`],
  ],
  ['then to a new one', split(row([entry('0', 60), a, b]), [part(1, [a, b])]), [`${p(1)}: a b`, `${p(2)}: 0`]],
  ['numbers go on behind a gap', split(row([a, c]), [part(7, [a])]), [`${p(7)}: a`, `${p(8)}: c`]],
  [
    'without --split what is new must fit into the last part',
    split(row([a, b, c]), [part(1, [a, b])], whole),
    [`${p(1)}: a b c`],
  ],
  ['a changed one stays where it is', split(row([a, entry('b', 30)]), [part(1, [a, b])]), [`${p(1)}: a b`]],
  [
    'unless it has no room there any more: its old state stays',
    split(row([a, entry('b', 41)]), [part(1, [a, b])]),
    [`${p(1)}: a`, `${p(2)}: b`],
  ],
  [
    'of several the last by path move',
    split(row([entry('a', 61), entry('b', 41)]), [part(1, [a, b])]),
    [`${p(1)}: `, `${p(2)}: a`, `${p(3)}: b`],
  ],
  [
    'what has moved on counts where it is now',
    split(row([a, entry('b', 41)]), [part(1, [a, b]), part(2, [entry('b', 41)])]),
    [`${p(1)}: a`, `${p(2)}: b`],
  ],
  ['gone ones keep their room', split(row([b, entry('n', 10)]), [part(1, [a, b])]), [`${p(1)}: b`, `${p(2)}: n`]],
  ['all gone: the parts are still looked at', split(row([]), [part(1, [a]), part(2, [c])]), [`${p(1)}: `, `${p(2)}: `]],
  ['whole in the store: it takes what fits', split(row([a, b], [a])), ['x.tar: a b']],
  ['or stays as it is, and all that is new is in parts', split(row([a, b, c], [a])), ['x.tar: a', `${p(1)}: b c`]],
  [
    'a name that another archive has is left out',
    split(row([a, b, c]), [], policy, [p(2)]),
    [`${p(1)}: a b`, `${p(3)}: c`],
  ],
  ['a plain name is not split', split({ ...row([entry('a', 101)]), name: 'x', key: storeKey('data/x') }), ['x: a']],
  [
    'names of one file count once in a part, and again in the next',
    split(row(['a', 'b', 'c'].map((path) => entry(path, 60, path === 'b' ? {} : { sharedFile: '1:1' })))),
    [`${p(1)}: a`, `${p(2)}: b`, `${p(3)}: c`],
  ],
  [
    'names of one file side by side are together',
    split(row([...['a', 'b', 'c'].map((path) => entry(path, 60, { sharedFile: '1:1' })), entry('d', 50)])),
    [`${p(1)}: a b c`, `${p(2)}: d`],
  ],
])('%s', (_, seen, expected) => {
  expect(seen).toEqual(expected);
});

test('parts that were lost are made again as they were', () => {
  const { held: was, ...rest } = part(2, [c]);
  const lost = { ...rest, lost: { manifest: was!.manifest!, recordedAt: '2024' } };
  expect(split(row([a, b, c]), [part(1, [a, b]), lost])).toEqual([`${p(1)}: a b`, `${p(2)}: c`]);
});

test('what cannot be seen concerns all parts, and what is too large is not gone', () => {
  const { rows } = splitRow(row([a, entry('b', 101), c]), [part(1, [a, b])], policy, () => false);
  expect(rows.map((one) => one.blind)).toEqual([['somewhere'], ['somewhere']]);
  expect(rows[0]!.unreadable).toEqual(new Set(['b']));
});

test.each([
  ['x.part0001.tar', 'x.tar', 1],
  ['a/b.part12345.tar', 'a/b.tar', 12345],
  ['x.part0001.part0002.tar', 'x.part0001.tar', 2],
  ['\udcff\n.part0001.tar', '\udcff\n.tar', 1],
  ['x.part0000.tar', undefined, 0],
  ['x.part00001.tar', undefined, 0],
  ['x.part001.tar', undefined, 0],
  ['.part0001.tar', undefined, 0],
  ['a/.part0001.tar', undefined, 0],
  ['x.part0001', undefined, 0],
  ['x.tar', undefined, 0],
])('%j is a part of %j', (name, base, number) => {
  expect(partOf(name)).toEqual(base === undefined ? undefined : { name: base, number });
  if (base !== undefined) expect(partName(base, number)).toBe(name);
});

/** A store of parts, and what a run makes of it. */
type Shelf = ReadonlyMap<string, readonly Entry[]>;

function run(shelf: Shelf, entries: readonly Entry[], by: Policy): { plans: readonly ArchivePlan[]; after: Shelf } {
  const parts = [...shelf].flatMap(([name, members]) => {
    const of = partOf(name);
    return of === undefined ? [] : [part(of.number, members)];
  });
  const { rows } = splitRow({ ...row(entries, shelf.get('x.tar')), blind: [] }, parts, by, () => false);
  // Of what is nowhere, nobody asks.
  const plans = rows.filter((one) => one.entries.length > 0 || one.held).map((one) => planArchive(one, by));
  const after = new Map(shelf);
  for (const plan of plans) {
    if (plan.decision !== 'make') continue;
    const kept = plan.carried.map((member) => entry(member.path, member.bytes, { mtimeNs: member.mtimeNs }));
    after.set(
      plan.name,
      [...plan.entries, ...kept].sort((one, other) => (one.path < other.path ? -1 : 1)),
    );
  }
  return { plans, after };
}

const tree = fc.uniqueArray(
  fc.record({
    path: fc.stringMatching(/^[a-f]{1,2}$/),
    bytes: fc.nat(110),
    mtimeNs: fc.constantFrom(5_000_000n, 9_000_000n),
  }),
  { selector: (one) => one.path, maxLength: 20 },
);
const entriesOf = (files: readonly { path: string; bytes: number; mtimeNs: bigint }[]) =>
  files.map(({ path, bytes, mtimeNs }) => entry(path, bytes, { mtimeNs })).sort((x, y) => (x.path < y.path ? -1 : 1));

test('whatever happens to a tree: nothing is lost, each part keeps its limit, and after each run nothing is left to do', () => {
  const steps = fc.array(fc.tuple(tree, fc.boolean(), fc.constantFrom(60, 100, 300)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(steps, (all) => {
      let shelf: Shelf = new Map();
      const ever = new Map<string, string>();
      for (const [files, isSplit, sizeLimit] of all) {
        const entries = entriesOf(files);
        const by = { sizeLimit, allowShrink: false, split: isSplit };
        const { plans, after } = run(shelf, entries, by);
        for (const plan of plans) {
          const places = plan.entries.map((one) => one.path);
          expect(new Set(places).size).toBe(places.length);
          if (plan.decision === 'make')
            expect(contentBytes([...plan.entries, ...plan.carried])).toBeLessThanOrEqual(sizeLimit);
          // Nothing that is held unchanged is made again without need.
          if (plan.decision === 'make' && plan.held !== undefined) {
            const old = new Map(contentMembers(plan.held).map((one) => [one.path, `${one.bytes} ${one.mtimeNs}`]));
            expect(plan.entries.some((one) => old.get(one.path) !== `${one.bytes} ${one.mtimeNs}`)).toBe(true);
          }
          if (isSplit) expect(plan.decision).not.toBe('withhold');
        }
        const placed = plans.flatMap((plan) => plan.entries.map((one) => one.path));
        expect(new Set(placed).size).toBe(placed.length);
        const held = new Set([...after.values()].flat().map((one) => `${one.path} ${one.bytes} ${one.mtimeNs}`));
        if (isSplit)
          for (const one of entries) {
            const state = `${one.path} ${one.bytes} ${one.mtimeNs}`;
            if (one.bytes <= sizeLimit) expect(held).toContain(state);
            if (held.has(state)) ever.set(state, one.path);
          }
        // What an archive held and has gone from disk is in there for ever.
        for (const [state, path] of ever)
          if (!entries.some((one) => one.path === path))
            expect(
              [...held].some((one) => one.startsWith(`${path} `)),
              state,
            ).toBe(true);
        const again = run(after, entries, by);
        if (isSplit) expect(again.plans.filter((plan) => plan.decision === 'make')).toEqual([]);
        shelf = after;
      }
    }),
    { numRuns: 300 },
  );
});

test('keys stay below the section', () => {
  const { rows } = splitRow(
    { ...row([a, c]), key: 'a/b/sub/x.tar' as StoreKey, name: 'sub/x.tar' },
    [],
    policy,
    () => false,
  );
  expect(rows.map((one) => one.key)).toEqual(['a/b/sub/x.part0001.tar', 'a/b/sub/x.part0002.tar']);
});
