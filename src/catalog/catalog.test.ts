import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Manifest, Member } from '../model/manifest.ts';
import { openCatalog } from './catalog.ts';
import { journalLine } from './journal-line.ts';
import { journalPath } from './state-folder.ts';
import { anyRuns, identity, manifestOf, type Recorded, section, stateWith, timeOf } from './test-journals.ts';

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
