import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import { memberFields } from '../model/manifest-json.ts';
import { storeKey } from '../model/store-key.ts';
import { openCatalog } from './catalog.ts';
import { journalLine, sealed } from './journal-line.ts';
import type { JournalRecord } from './records.ts';
import { journalPath } from './state-folder.ts';

const identity = { root: '/r', store: 'dir:/v' };
const section = 'data';

/** One archive as it was recorded at some time. */
interface Recorded {
  readonly key: string;
  readonly members: readonly Member[];
}

function manifestOf({ key, members }: Recorded): Manifest {
  const facts = { format: 'tar', bytes: 10, base: '', adopted: false, digestsFrom: 'writing' } as const;
  return { key: storeKey(key), ...facts, members };
}

function linesOf(one: Recorded, token: string, at: string): string {
  const { members, ...head } = manifestOf(one);
  const facts = { token, key: one.key, bytes: 10, version: token };
  return [
    journalLine({ kind: 'manifest', token, ...head, members: members.length }),
    ...members.map((member) => sealed(`{"kind":"member",${memberFields(member)}`)),
    journalLine({ kind: 'written', ...facts }),
    journalLine({ kind: 'recorded', ...facts, level: 'size', at }),
  ].join('');
}

/** A state folder with these runs; `recordedAt` grows from recording to recording. */
async function stateWith(runs: readonly (readonly Recorded[])[]) {
  const state = { path: await scratchFolder() };
  let count = 0;
  for (const [index, recorded] of runs.entries()) {
    const run = `2024${String(index + 101).slice(1)}01T000000.000Z-00000000`;
    const first: JournalRecord = {
      kind: 'run',
      format: 1,
      run,
      verb: 'archive',
      section,
      ...identity,
      at: '2024',
      stowage: '0',
    };
    const lines = recorded.map((one) => {
      count += 1;
      return linesOf(one, `t${count}`, timeOf(count));
    });
    const path = journalPath(state, section, run);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, journalLine(first) + lines.join(''));
  }
  return state;
}

function timeOf(count: number): string {
  return `2024-${String(count).padStart(5, '0')}`;
}

/** What the catalog must say, told by a model that holds everything. */
function naive(runs: readonly (readonly Recorded[])[]) {
  const archives = new Map<string, { members: readonly Member[]; recordedAt: string; since: Map<string, string> }>();
  for (const [index, one] of runs.flat().entries()) {
    const earlier = archives.get(one.key);
    const since = new Map<string, string>();
    for (const member of one.members) {
      const before = earlier?.members.find(({ path }) => path === member.path);
      if (before === undefined || earlier === undefined) continue;
      const same =
        before.type === member.type &&
        before.bytes === member.bytes &&
        before.mtimeNs === member.mtimeNs &&
        before.target === member.target &&
        (before.sha256 === undefined || before.sha256 === member.sha256);
      if (same) since.set(member.path, earlier.since.get(member.path) ?? earlier.recordedAt);
    }
    archives.set(one.key, { members: one.members, recordedAt: timeOf(index + 1), since });
  }
  return archives;
}

const anyName = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd/a', '\udcff', '"type":"x', ',"type":"file","bytes":7', '\n', '%41', '日'),
  fc.string({ minLength: 1, maxLength: 5 }).filter((name) => !/[\ud800-\udfff\0]/.test(name)),
);
const anyMember: fc.Arbitrary<Member> = fc
  .record({
    path: anyName,
    type: fc.constantFrom('file', 'file', 'link', 'directory'),
    bytes: fc.constantFrom(0, 1, 2 ** 40),
    mtimeNs: fc.constantFrom(0n, -1n, 1_700_000_000_123_456_789n),
    link: anyName,
    digest: fc.constantFrom(undefined, 'aa', 'bb'),
    further: fc.boolean(),
  })
  .map(({ path, type, bytes, mtimeNs, link, digest, further }) => {
    const facts = { path, mtimeNs, mode: 0o644, uid: 0, gid: 0 };
    if (type === 'directory') return { ...facts, type, bytes: 0 };
    if (type === 'link') return { ...facts, type, bytes: 0, target: link };
    const shared = further ? { hardLink: link } : {};
    return { ...facts, type: 'file', bytes, ...shared, ...(digest === undefined ? {} : { sha256: digest }) };
  });
const anyRecorded: fc.Arbitrary<Recorded> = fc.record({
  key: fc.constantFrom('data/x.tar', 'data/y.tar', 'data/z'),
  members: fc.uniqueArray(anyMember, { selector: ({ path }) => path, maxLength: 6 }),
});
const anyRuns = fc.array(fc.array(anyRecorded, { maxLength: 3 }), { maxLength: 4 });

test('however members are spread over runs, the catalog says what a model says that holds everything', async () => {
  await fc.assert(
    fc.asyncProperty(anyRuns, async (runs) => {
      const catalog = await openCatalog(await stateWith(runs), section, identity);
      const expected = naive(runs);
      expect([...catalog.archives.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [key, record] of catalog.archives) {
        const { members, recordedAt, since } = expected.get(key)!;
        expect(await catalog.manifestOf(record)).toEqual(manifestOf({ key, members }));
        expect(record.recordedAt).toBe(recordedAt);
        expect(await catalog.sinceOf(record)).toEqual(since);
        const content = members.filter((member) => member.type !== 'directory');
        const own = content.filter((member) => member.hardLink === undefined);
        const { head } = record;
        expect([head.members, head.contentMembers, head.contentBytes]).toEqual([
          members.length,
          content.length,
          own.reduce((sum, member) => sum + member.bytes, 0),
        ]);
      }
      const all: Manifest[] = [];
      for await (const [record, manifest] of catalog.manifests(catalog.archives.values())) {
        expect(record.head.key).toBe(manifest.key);
        all.push(manifest);
      }
      expect(new Map(all.map((one) => [one.key as string, one.members]))).toEqual(
        new Map([...expected].map(([key, { members }]) => [key, members])),
      );
    }),
    { numRuns: 150 },
  );
});

describe('a journal that is changed after it was opened', () => {
  const member = (path: string): Member => ({
    path,
    type: 'file',
    bytes: 1,
    mtimeNs: 1n,
    mode: 0o644,
    uid: 0,
    gid: 0,
  });
  test.each([
    ['a flipped bit', (text: string) => text.replace('"path":"b"', '"path":"c"')],
    ['lines that moved', (text: string) => journalLine({ kind: 'end', at: '2024' }) + text],
    ['a cut', (text: string) => text.slice(0, text.indexOf('"path":"b"'))],
  ])('%s is noticed when the members are read', async (_, change) => {
    const state = await stateWith([[{ key: 'data/x.tar', members: [member('a'), member('b')] }]]);
    const catalog = await openCatalog(state, section, identity);
    const [record] = catalog.archives.values();
    const path = journalPath(state, section, catalog.runNames[0]!);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    await expect(catalog.manifestOf(record!)).rejects.toMatchObject({
      code: 'corrupt',
      hint: expect.stringContaining('rebuild-catalog'),
    });
  });
});
