import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Catalog, openCatalog } from '../../src/catalog/catalog.ts';
import { fsPath, nameFromJson } from '../../src/model/byte-name.ts';
import type { Manifest, Member } from '../../src/model/manifest.ts';
import { openConfiguration } from '../../src/open.ts';
import { identityOf, projectOf } from '../../src/verbs/project.ts';
import { type JsonEvent, type Place, place, stowageJson } from '../stowage.ts';
import { anyTree, grow, lookAtTree, type Seen } from '../tree.ts';

/** One rule for everything at the top, one for each folder of `d1` and its files, one for all of `d2`; `d3` is left to `plain`. */
const rules = {
  __top__: { '[^/]+$': 'top.tar' },
  d1: {
    'd1/[^/]+$': 'd1/files.tar',
    'd1/([^/]+)/[^/]+$': 'd1/shallow_\\1.tar',
    'd1/([^/]+)/([^/]+)/(.|\\n)+$': 'd1/deep.tar',
  },
  d2: { 'd2/(.|\\n)+$': 'd2.tar' },
};
const tree = anyTree(['', 'd1', 'd2', 'd2/sub']);
const runs = { numRuns: 40 };

/** Archives the section; whatever could not be archived fails the test. */
async function archived(at: Place): Promise<readonly JsonEvent[]> {
  const { status, events, out } = await stowageJson('archive', at.config, 'data');
  expect(status, out).toBe(0);
  return events;
}

async function catalogOf(at: Place) {
  const project = projectOf(await openConfiguration(at.config));
  return openCatalog(project.state, 'data', identityOf(project));
}

const within = (a: bigint, b: bigint) => (a > b ? a - b : b - a) < 1000n;

/** Both trees hold the same; `carried` are the directories that archives know, others have no attributes to compare. */
function expectSame(
  there: Map<string, Seen>,
  here: Map<string, Seen>,
  archiveOf: Map<string, string>,
  carried: Map<string, Member>,
) {
  expect([...there.keys()].sort()).toEqual([...here.keys()].sort());
  for (const [path, one] of there) {
    const other = here.get(path)!;
    expect([path, other.type, other.target, other.sha256]).toEqual([path, one.type, one.target, one.sha256]);
    if (one.type === 'directory' && !carried.has(path)) continue;
    if (one.type !== 'link') expect([path, other.mode]).toEqual([path, one.mode]);
    expect(within(one.mtimeNs, other.mtimeNs), `${path}: ${one.mtimeNs}, restored as ${other.mtimeNs}`).toBe(true);
  }
  // Names that shared a file in one archive share one again.
  for (const [a, one] of there) {
    for (const [b, other] of there) {
      if (a >= b || one.shared === undefined || archiveOf.get(a) !== archiveOf.get(b)) continue;
      const again = here.get(a)!.shared !== undefined && here.get(a)!.shared === here.get(b)!.shared;
      expect([a, b, again]).toEqual([a, b, one.shared === other.shared]);
    }
  }
}

test('any tree comes back as it was, and nothing is left to archive', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (all) => {
      const at = await place(rules);
      grow(at.data, all);
      const before = lookAtTree(at.data);
      const events = await archived(at);
      const told = events
        .filter((one) => one.event === 'finding' && one.finding === 'empty-directory')
        .map((one) => nameFromJson(one as never));

      const again = await stowageJson('missing', at.config, 'data');
      expect([again.status, again.events.filter((one) => one.event === 'due')]).toEqual([0, []]);
      const once = kept(at.state);
      await archived(at);
      expect(kept(at.state), 'a run that does nothing leaves nothing but its listing').toEqual(once);
      expect(lookAtTree(at.data), 'the source was touched').toEqual(before);

      const archives = before.size === 0 ? [] : await manifestsOf(await catalogOf(at));
      const members = archives.flatMap((manifest) =>
        manifest.members.map((member) => [member, manifest.key as string] as const),
      );
      const archiveOf = new Map(members.map(([member, key]) => [member.path, key]));
      const carried = new Map(
        members.filter(([member]) => member.type === 'directory').map(([member]) => [member.path, member]),
      );
      const expected = new Map(before);
      // An empty directory that no archive encloses was told; it and the folders that only lead to it are not expected back.
      for (const path of told) expected.delete(path);
      for (;;) {
        const bare = [...expected].filter(
          ([path, { type }]) =>
            type === 'directory' &&
            !carried.has(path) &&
            ![...expected.keys()].some((one) => one.startsWith(`${path}/`)),
        );
        if (bare.length === 0) break;
        for (const [path] of bare) {
          expect(
            told.some((one) => one.startsWith(`${path}/`)),
            `${path} is neither archived nor told`,
          ).toBe(true);
          expected.delete(path);
        }
      }
      if (expected.size === 0) return;
      const to = join(at.folder, 'back');
      const { status, out } = await stowageJson('restore', at.config, 'data', '.', '--to', to);
      expect(status, out).toBe(0);
      expectSame(expected, lookAtTree(to), archiveOf, carried);

      // And to where it was, after it was lost.
      rmSync(at.data, { recursive: true });
      const home = await stowageJson('restore', at.config, 'data', '.');
      expect(home.status, home.out).toBe(0);
      expectSame(expected, lookAtTree(at.data), archiveOf, carried);
      const after = await stowageJson('missing', at.config, 'data');
      const left = after.events.filter((one) => one.event === 'due' || one.finding === 'gone');
      expect([after.status, left]).toEqual([0, []]);
    }),
    runs,
  );
});

test('the order of the rules changes no byte of any archive', async () => {
  const entries = (fields: object) => Object.entries(fields);
  const orders = fc.tuple(
    fc.shuffledSubarray(entries(rules.d1), { minLength: 3 }),
    fc.shuffledSubarray(entries(rules), { minLength: 3 }),
  );
  await fc.assert(
    fc.asyncProperty(tree, orders, async (all, [inner, outer]) => {
      const at = await place(rules);
      grow(at.data, all);
      await archived(at);
      const config = join(at.folder, 'other.json');
      const section = { ...Object.fromEntries(outer), d1: Object.fromEntries(inner) };
      const reordered = Object.fromEntries(outer.map(([key]) => [key, section[key as keyof typeof section]]));
      const settings = { root: at.root, store: 'dir:other' };
      writeFileSync(config, JSON.stringify({ data: { ...reordered, __exclude__: [] }, __config__: settings }));
      mkdirSync(join(at.folder, 'other'));
      const { status } = await stowageJson('archive', config, 'data', '--state', join(at.folder, 'other-state'));
      expect(status).toBe(0);
      expect(objects(join(at.folder, 'other'))).toEqual(objects(at.vault));
    }),
    { ...runs, numRuns: 20 },
  );
});

function objects(vault: string): ReadonlyMap<string, string | undefined> {
  return new Map(
    [...lookAtTree(vault)]
      .filter(([path, { type }]) => type === 'file' && !path.startsWith('.stowage/'))
      .map(([path, { sha256 }]) => [path, sha256]),
  );
}

test('whatever was archived once can be restored for ever: files deleted, changed and added in between', async () => {
  const fates = fc.array(fc.constantFrom('keep', 'delete', 'change'), { minLength: 12, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(tree, tree, fates, async (one, two, what) => {
      const at = await place(rules);
      grow(at.data, one);
      const first = lookAtTree(at.data);
      await archived(at);
      const changed = new Set<string>();
      for (const [index, { path, kind }] of one.entries()) {
        const local = fsPath(join(at.data, path));
        const fate = what[index % what.length];
        if (fate === 'delete' && kind !== 'directory') rmSync(local);
        if (fate === 'change' && (kind === 'file' || kind === 'hard')) {
          chmodSync(local, 0o644);
          writeFileSync(local, `changed ${index}`);
          changed.add(first.get(path)?.shared ?? path);
        }
      }
      grow(
        at.data,
        two.filter(
          ({ path }) =>
            ![...first.keys()].some((old) => old === path || old.startsWith(`${path}/`) || path.startsWith(`${old}/`)),
        ),
      );
      const second = lookAtTree(at.data);
      await archived(at);
      const to = join(at.folder, 'back');
      if (first.size + second.size > 0) await stowageJson('restore', at.config, 'data', '.', '--to', to);
      const back = first.size + second.size > 0 ? lookAtTreeIfThere(to) : new Map<string, Seen>();
      for (const [path, { type, sha256, target, mtimeNs }] of [...first, ...second]) {
        if (type === 'directory') continue;
        const now = second.get(path) ?? { type, sha256, target, mtimeNs };
        const found = back.get(path);
        expect([path, found?.type, found?.sha256, found?.target]).toEqual([path, now.type, now.sha256, now.target]);
      }
      const nothing = await stowageJson('missing', at.config, 'data');
      expect([nothing.status, nothing.events.some(({ event }) => event === 'due')]).toEqual([0, false]);
    }),
    runs,
  );
});

/** What a state folder holds, but for its listings: each scan leaves its own. */
function kept(state: string): readonly string[] {
  return [...lookAtTreeIfThere(state).keys()].filter((path) => !path.startsWith('listing/'));
}

function lookAtTreeIfThere(folder: string): Map<string, Seen> {
  try {
    return lookAtTree(folder);
  } catch {
    return new Map();
  }
}

test('without its record the store still explains itself: rebuilt, nothing is missing and nothing is made again', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (all) => {
      const at = await place(rules);
      grow(at.data, all);
      await archived(at);
      const before = objects(at.vault);
      const known = await existing(at);
      rmSync(at.state, { recursive: true, force: true });
      const rebuilt = await stowageJson('rebuild-catalog', at.config);
      expect(rebuilt.status, rebuilt.out).toBe(0);
      const { status, events } = await stowageJson('missing', at.config, 'data');
      expect([status, events.filter(({ event }) => event === 'due')]).toEqual([0, []]);
      await archived(at);
      expect(objects(at.vault)).toEqual(before);
      expect(await existing(at)).toEqual(known);
    }),
    { ...runs, numRuns: 20 },
  );
});

/** Every member with its digest, by archive; nothing where there is no record. */
async function existing(at: Place): Promise<object> {
  const catalog = await catalogOf(at).catch(() => undefined);
  const manifests = catalog === undefined ? [] : await manifestsOf(catalog);
  return Object.fromEntries(manifests.map((manifest) => [manifest.key, manifest]));
}

async function manifestsOf(catalog: Catalog): Promise<readonly Manifest[]> {
  return Promise.all([...catalog.archives.values()].map((record) => catalog.manifestOf(record)));
}

test('the bytes of an archive do not depend on when it is made', async () => {
  const at = await place(rules);
  grow(at.data, [{ path: 'd2/a', kind: 'file', content: 'x', target: '', mode: 0o644, time: '1700000000.5' }]);
  await archived(at);
  const before = readFileSync(join(at.vault, 'data/d2.tar'));
  rmSync(at.vault, { recursive: true });
  rmSync(at.state, { recursive: true });
  mkdirSync(at.vault);
  await archived(at);
  expect(readFileSync(join(at.vault, 'data/d2.tar')).equals(before)).toBe(true);
});
