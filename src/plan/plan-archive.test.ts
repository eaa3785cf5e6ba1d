import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../model/entry.ts';
import { contentMembers, type Manifest, type Member } from '../model/manifest.ts';
import { storeKey } from '../model/store-key.ts';
import type { ArchiveRow, Held } from './archive-row.ts';
import type { Finding } from './finding.ts';
import { type ArchivePlan, type Policy, planArchive } from './plan-archive.ts';

const second = 1_000_000_000n;
const time = 1_700_000_000n * second;
const policy: Policy = { sizeLimit: 1000, allowShrink: false };
const shrink: Policy = { ...policy, allowShrink: true };

function entry(path: string, fields: Partial<Entry> = {}): Entry {
  return { path, disk: '/a', type: 'file', bytes: 10, mtimeNs: time, mode: 0o644, uid: 0, gid: 0, ...fields };
}

function member(path: string, fields: Partial<Member> = {}): Member {
  const sha256 = `${path}-digest`;
  return { path, type: 'file', bytes: 10, mtimeNs: time, mode: 0o644, uid: 0, gid: 0, sha256, offset: 512, ...fields };
}

function manifest(members: readonly Member[], fields: Partial<Manifest> = {}): Manifest {
  const key = storeKey('data/x.tar');
  return { key, format: 'tar', bytes: 2048, base: '', adopted: false, digestsFrom: 'writing', members, ...fields };
}

function held(members: readonly Member[], fields: Partial<Held> = {}, of: Partial<Manifest> = {}): Held {
  return { version: 'v1', bytes: 2048, manifest: manifest(members, of), neverVerified: false, ...fields };
}

function row(entries: readonly Entry[], fields: Partial<ArchiveRow> = {}): ArchiveRow {
  return { key: storeKey('data/x.tar'), name: 'x.tar', entries, blind: [], ...fields };
}

/** A plan in short: the decision, why, what is carried, what is told. */
function short(plan: ArchivePlan): readonly [string, readonly string[], readonly string[], readonly string[]] {
  const told = plan.findings.map((one) => (one.kind === 'withheld' ? `withheld ${one.why.kind}` : textOf(one)));
  return [plan.decision, plan.reasons.map(({ kind }) => kind), plan.carried.map(({ path }) => path), told];
}

function textOf(finding: Finding): string {
  return 'path' in finding ? `${finding.kind} ${finding.path}` : finding.kind;
}

const [a, b] = [entry('a'), entry('b')];
const [A, B] = [member('a'), member('b')];
const lost = (members: readonly Member[]) => ({ lost: { manifest: manifest(members), recordedAt: '2024' } });
const withDamage = (members: readonly Member[], more: Partial<Held> = {}) =>
  held(members, { damage: 'harmed', ...more });

test.each([
  ['absent', row([a]), policy, 'make', ['absent'], [], []],
  ['nothing changed', row([a, b], { held: held([A, B]) }), policy, 'keep', [], [], []],
  ['one is new', row([a, b], { held: held([A]) }), policy, 'make', ['members'], [], []],
  [
    'one has another size',
    row([entry('a', { bytes: 11 }), b], { held: held([A, B]) }),
    policy,
    'make',
    ['members'],
    [],
    [],
  ],
  [
    'one has another time',
    row([entry('a', { mtimeNs: time - 1000n })], { held: held([A]) }),
    policy,
    'make',
    ['members'],
    [],
    [],
  ],
  [
    'the time within a microsecond',
    row([entry('a', { mtimeNs: time + 999n })], { held: held([A]) }),
    policy,
    'keep',
    [],
    [],
    [],
  ],
  [
    'one is a link now',
    row([entry('a', { type: 'link', bytes: 0, target: 't' })], { held: held([A]) }),
    policy,
    'make',
    ['members'],
    [],
    [],
  ],
  [
    'a link leads elsewhere',
    row([entry('a', { type: 'link', bytes: 0, target: 't' })], {
      held: held([member('a', { type: 'link', bytes: 0, target: 'u' })]),
    }),
    policy,
    'make',
    ['members'],
    [],
    [],
  ],
  ['one is torn', row([a], { held: held([member('a', { torn: true })]) }), policy, 'make', ['members'], [], []],
  [
    'only a mode differs',
    row([entry('a', { mode: 0o600 })], { held: held([A]) }),
    policy,
    'keep',
    [],
    [],
    ['attributes a'],
  ],
  [
    'only an owner differs',
    row([entry('a', { uid: 7 })], { held: held([A]) }),
    policy,
    'keep',
    [],
    [],
    ['attributes a'],
  ],
  ['one is gone', row([a], { held: held([A, B]) }), policy, 'keep', [], [], ['gone b']],
  ['all are gone', row([], { held: held([A, B]) }), policy, 'keep', [], [], ['gone a', 'gone b']],
  ['one is gone, one is new', row([b], { held: held([A]) }), policy, 'make', ['members'], ['a'], ['gone a']],
  [
    'never verified',
    row([a], { held: held([A], { neverVerified: true }) }),
    policy,
    'keep',
    [],
    [],
    ['never-verified'],
  ],
  ['blind, nothing due', row([a], { held: held([A, member('d/b')]), blind: ['d'] }), policy, 'keep', [], [], []],
  [
    'blind and due',
    row([a, b], { held: held([A, member('d/b')]), blind: ['d'] }),
    policy,
    'withhold',
    [],
    [],
    ['withheld blind'],
  ],
  ['blind and absent', row([a], { blind: ['d'] }), policy, 'make', ['absent'], [], []],
  ['lost, all on disk', row([a, b], lost([A, B])), policy, 'make', ['lost'], [], []],
  ['lost, one gone', row([a], lost([A, B])), policy, 'withhold', [], [], ['gone b', 'withheld lost']],
  ['lost, one gone, may shrink', row([a], lost([A, B])), shrink, 'make', ['lost'], [], ['dropped b']],
  ['lost, all gone, may shrink', row([], lost([A])), shrink, 'keep', [], [], ['dropped a']],
  ['damaged, all on disk', row([a], { held: withDamage([A]) }), policy, 'make', ['damaged'], [], []],
  [
    'damaged, one gone, with a digest',
    row([a], { held: withDamage([A, B]) }),
    policy,
    'make',
    ['damaged'],
    ['b'],
    ['gone b'],
  ],
  [
    'damaged, one gone, without a digest',
    row([a], { held: withDamage([A, { ...B, sha256: undefined } as unknown as Member]) }),
    policy,
    'withhold',
    [],
    [],
    ['gone b', 'withheld old-unreadable'],
  ],
  [
    'damaged, one gone, without a digest, may shrink',
    row([a], { held: withDamage([A, { ...B, sha256: undefined } as unknown as Member]) }),
    shrink,
    'make',
    ['damaged'],
    [],
    ['gone b', 'dropped b'],
  ],
  [
    'damaged, all gone',
    row([], { held: withDamage([A]) }),
    policy,
    'withhold',
    [],
    [],
    ['gone a', 'withheld old-unreadable'],
  ],
  [
    'damaged, all gone, may shrink',
    row([], { held: withDamage([A]) }),
    shrink,
    'withhold',
    [],
    [],
    ['gone a', 'withheld old-unreadable'],
  ],
  [
    'changed in the store, lacks one that is on disk',
    row([a, b], { held: withDamage([A], { lacking: [B] }) }),
    policy,
    'make',
    ['damaged', 'members'],
    [],
    [],
  ],
  [
    'changed in the store, lacks one that is gone',
    row([a], { held: withDamage([A], { lacking: [B] }) }),
    policy,
    'withhold',
    [],
    [],
    ['withheld old-unreadable'],
  ],
  [
    'changed in the store, lacks one that is gone, may shrink',
    row([a], { held: withDamage([A], { lacking: [B] }) }),
    shrink,
    'make',
    ['damaged'],
    [],
    ['dropped b'],
  ],
  [
    'holds what no member stands for, nothing due',
    row([a], { held: held([A], {}, { foreign: [{ path: 'f', what: 'sparse' }] }) }),
    policy,
    'keep',
    [],
    [],
    [],
  ],
  [
    'holds what no member stands for',
    row([a, b], { held: held([A], {}, { foreign: [{ path: 'f', what: 'sparse' }] }) }),
    policy,
    'withhold',
    [],
    [],
    ['withheld would-shrink'],
  ],
  [
    'holds what no member stands for, may shrink',
    row([a, b], { held: held([A], {}, { foreign: [{ path: 'f', what: 'sparse' }] }) }),
    shrink,
    'make',
    ['members'],
    [],
    ['dropped f'],
  ],
  [
    'holds what no member stands for, and the disk has it',
    row([a, b], { held: held([A], {}, { foreign: [{ path: 'b', what: 'sparse' }] }) }),
    policy,
    'make',
    ['members'],
    [],
    [],
  ],
  [
    'nobody knows what is in it',
    row([a], { held: { version: 'v', bytes: 1, neverVerified: true, unreadable: 'no tar' } }),
    policy,
    'withhold',
    [],
    [],
    ['withheld old-unreadable'],
  ],
  [
    'nobody knows what is in it, may shrink',
    row([a], { held: { version: 'v', bytes: 1, neverVerified: true } }),
    shrink,
    'make',
    ['damaged'],
    [],
    [],
  ],
  ['as large as may be', row([entry('a', { bytes: 1000 })]), policy, 'make', ['absent'], [], []],
  [
    'too large',
    row([entry('a', { bytes: 999 }), entry('b', { bytes: 2 })]),
    policy,
    'withhold',
    [],
    [],
    ['withheld too-large'],
  ],
  [
    'too large with what is carried',
    row([entry('a', { bytes: 995 })], { held: held([B]) }),
    policy,
    'withhold',
    [],
    [],
    ['gone b', 'withheld too-large'],
  ],
] as const)('%s', (_, given, rules, decision, reasons, carried, told) => {
  const plan = planArchive(given, rules);
  expect(short(plan)).toEqual([decision, reasons, carried, told]);
  expect(plan.replaces).toBe(given.held?.version);
});

describe('a plain name', () => {
  const plain = (entries: readonly Entry[], fields: Partial<ArchiveRow> = {}) =>
    row(entries, { key: storeKey('data/x'), name: 'x', ...fields });
  const one = (of: Member, fields: Partial<Manifest> = {}) => held([of], {}, { format: 'plain', ...fields });
  const adopted = { adopted: true } as const;
  test.each([
    ['takes one file', plain([a]), policy, 'make', ['absent'], []],
    ['takes no two', plain([a, b]), policy, 'withhold', [], ['plain-clash a', 'plain-clash b']],
    ['takes no link', plain([entry('a', { type: 'link', target: 't' })]), policy, 'withhold', [], ['refused a']],
    [
      'is replaced by a change of its file',
      plain([entry('a', { bytes: 3 })], { held: one(A) }),
      policy,
      'make',
      ['members'],
      [],
    ],
    [
      'is not replaced by another file',
      plain([b], { held: one(A) }),
      policy,
      'withhold',
      [],
      ['gone a', 'withheld would-shrink'],
    ],
    [
      'is replaced by another file if told',
      plain([b], { held: one(A) }),
      shrink,
      'make',
      ['members'],
      ['gone a', 'dropped a'],
    ],
    ['was adopted, the disk is as old', plain([a], { held: one(A, adopted) }), policy, 'keep', [], []],
    [
      'was adopted, the disk is older',
      plain([entry('a', { mtimeNs: time - second })], { held: one(A, adopted) }),
      policy,
      'keep',
      [],
      [],
    ],
    [
      'was adopted, the disk is newer',
      plain([entry('a', { mtimeNs: time + 1n })], { held: one(A, adopted) }),
      policy,
      'make',
      ['members'],
      [],
    ],
    [
      'was adopted, the mode is nobody knows what',
      plain([entry('a', { mode: 0 })], { held: one(A, adopted) }),
      policy,
      'keep',
      [],
      [],
    ],
  ] as const)('%s', (_, given, rules, decision, reasons, told) => {
    expect(short(planArchive(given, rules))).toEqual([decision, reasons, [], told]);
  });
});

test.each([
  ['whole seconds in the archive, a fraction on disk', time, time + 999_999_999n, 'keep'],
  ['the next second', time, time + second, 'make'],
  ['the second before', time, time - 1n, 'make'],
  ['before 1970', -2n * second, -2n * second + 1n, 'keep'],
  ['before 1970, the second before', -2n * second, -2n * second - 1n, 'make'],
  ['a fraction in the archive', time + 500_000_000n, time + 600_000_000n, 'make'],
] as const)('times of an adopted tar: %s', (_, archived, onDisk, decision) => {
  const adopted = held([member('a', { mtimeNs: archived })], {}, { adopted: true });
  expect(planArchive(row([entry('a', { mtimeNs: onDisk })], { held: adopted }), policy).decision).toBe(decision);
});

describe('laws', () => {
  const path = fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'e/f/g');
  const facts = {
    bytes: fc.constantFrom(0, 10, 11),
    mtimeNs: fc.constantFrom(time, time + second, time + 5n),
    mode: fc.constantFrom(0o644, 0o600),
  };
  const entries = fc
    .uniqueArray(fc.record({ path, ...facts }), { selector: (one) => one.path })
    .map((all) => all.map((one) => entry(one.path, one)));
  const members = fc
    .uniqueArray(fc.record({ path, ...facts, digest: fc.boolean(), torn: fc.boolean() }), {
      selector: (one) => one.path,
    })
    .map((all) =>
      all.map(({ digest, torn, ...one }) => {
        const { sha256, ...rest } = member(one.path, one);
        return { ...rest, ...(digest ? { sha256: sha256! } : {}), ...(torn ? { torn: true as const } : {}) };
      }),
    );
  const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const anyHeld = fc
    .record({
      members,
      damage: some(fc.constant('harmed')),
      lacking: members,
      foreign: fc.boolean(),
      adopted: fc.boolean(),
    })
    .map(({ members: all, damage, lacking, foreign, adopted }) =>
      held(
        all,
        damage === undefined
          ? {}
          : { damage, lacking: lacking.filter((one) => !all.some((other) => other.path === one.path)) },
        {
          adopted,
          ...(foreign ? { foreign: [{ path: 'f', what: 'sparse' }] } : {}),
        },
      ),
    );
  const anyRow = fc
    .record({
      entries,
      held: some(anyHeld),
      lost: some(members),
      name: fc.constantFrom('x.tar', 'x'),
      blind: fc.constantFrom([], ['d']),
    })
    .map(({ entries: all, held: has, lost: was, name, blind }) =>
      row(all, {
        name,
        key: storeKey(`data/${name}`),
        blind,
        ...(has === undefined ? (was === undefined ? {} : lost(was)) : { held: has }),
      }),
    );
  const anyPolicy = fc.record({ sizeLimit: fc.constantFrom(15, 10_000), allowShrink: fc.boolean() });

  test('no replacement holds less, unless that was allowed, and then every member that is dropped is told', () => {
    fc.assert(
      fc.property(anyRow, anyPolicy, (given, rules) => {
        const plan = planArchive(given, rules);
        if (plan.decision !== 'make') return;
        const made = new Set([...plan.entries, ...plan.carried].map((one) => one.path));
        const had = [
          ...(given.held?.manifest === undefined ? [] : contentMembers(given.held.manifest)),
          ...(given.held?.manifest?.foreign ?? []),
          ...(given.held?.lacking ?? []),
          ...(given.lost === undefined ? [] : contentMembers(given.lost.manifest)),
        ];
        const dropped = plan.findings.flatMap((one) => (one.kind === 'dropped' ? [one.path] : []));
        const lacks = had.map((one) => one.path).filter((one) => !made.has(one));
        expect(new Set(dropped)).toEqual(new Set(lacks));
        if (!rules.allowShrink) expect(lacks).toEqual([]);
        expect(plan.bytes).toBeLessThanOrEqual(rules.sizeLimit);
      }),
      { numRuns: 3000 },
    );
  });

  test('whatever is withheld says why, and changes nothing', () => {
    fc.assert(
      fc.property(anyRow, anyPolicy, (given, rules) => {
        const plan = planArchive(given, rules);
        if (plan.decision !== 'withhold') return;
        expect(plan.findings.length).toBeGreaterThan(0);
        expect(plan.reasons).toEqual([]);
      }),
    );
  });

  test('an archive of exactly what is on disk is kept', () => {
    fc.assert(
      fc.property(entries, anyPolicy, (all, rules) => {
        const same = all.map(({ disk: _, ...one }) => ({ ...member(one.path), ...one, type: 'file' as const }));
        const plan = planArchive(row(all, { held: held(same) }), rules);
        expect([plan.decision, plan.findings]).toEqual(['keep', []]);
      }),
    );
  });

  test('what was planned and made leaves nothing to plan', () => {
    fc.assert(
      fc.property(anyRow, anyPolicy, (given, rules) => {
        const plan = planArchive(given, rules);
        if (plan.decision !== 'make') return;
        const made = [
          ...plan.entries.map(({ disk: _, ...one }) => ({ ...member(one.path), ...one, type: 'file' as const })),
          ...plan.carried.map(({ torn: _, ...one }) => one),
        ];
        const { lost: _, ...rest } = given;
        const after = planArchive({ ...rest, blind: [], held: held(made) }, rules);
        expect(after.decision).toBe('keep');
      }),
    );
  });

  test('the order of entries and members changes no decision', () => {
    fc.assert(
      fc.property(anyRow, anyPolicy, (given, rules) => {
        const turned: ArchiveRow = {
          ...given,
          entries: [...given.entries].reverse(),
          ...(given.held?.manifest === undefined
            ? {}
            : {
                held: {
                  ...given.held,
                  manifest: { ...given.held.manifest, members: [...given.held.manifest.members].reverse() },
                },
              }),
        };
        const sorted = (plan: ArchivePlan) =>
          short(plan).map((part) => (typeof part === 'string' ? part : [...part].sort()));
        expect(sorted(planArchive(turned, rules))).toEqual(sorted(planArchive(given, rules)));
      }),
    );
  });
});
