import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { FileOperations } from '../../src/durable/file-operations.ts';
import { openConfiguration } from '../../src/open.ts';
import { type Project, projectOf } from '../../src/verbs/project.ts';
import { rebuildCatalog } from '../../src/verbs/rebuild/rebuild-catalog.ts';
import { verify } from '../../src/verbs/verify/verify.ts';
import { builtCli, runCli } from '../built-cli.ts';
import { heldCli } from '../held-cli.ts';
import { archivesIn, catalogOf, leftovers } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, put, quickFiles, type SmallProject, section, smallKeys, smallProject } from '../small-project.ts';
import { archived, stored, told } from '../told.ts';
import { isWriting } from '../waiting.ts';

beforeAll(() => void builtCli());

/** A first archive that is written for itself, so that a run can be halted in it. */
async function largeProject(): Promise<SmallProject> {
  const small = smallProject(await scratchFolder());
  put(small, 'raw/0/large', '');
  truncateSync(join(small.tree, 'raw/0/large'), 96 << 20);
  return small;
}

/** Starts a run and holds it while it writes. */
async function haltedRun(small: SmallProject, ...flags: string[]) {
  // The biggest is the first, and with one job nothing else is under way.
  const line = ['archive', small.config, section, '--jobs', '1', ...flags];
  const run = await heldCli(small.folder, ['.stowage/tmp/', 'raw_0'], line);
  expect(isWriting(small, 'raw_0')).toBe(true);
  return run;
}

test('the second of two runs on one section ends with 5 and says who is at work; the first is not disturbed', async () => {
  const small = await largeProject();
  const first = await haltedRun(small);
  const second = await runCli('archive', small.config, section);
  expect(second.status).toBe(5);
  expect(second.err).toContain(`is locked by process ${first.child.pid} on `);
  expect(second.err).toContain(`(archive ${section})`);
  expect(second.out).toBe('');
  expect((await runCli('rebuild-catalog', small.config)).status).toBe(5);
  // Whoever only looks is not kept out.
  expect((await runCli('status', small.config)).status).toBe(0);
  expect((await runCli('missing', small.config, section)).status).toBe(1);
  first.goOn();
  expect(await first.ended).toMatchObject({ status: 0, err: '' });
  expect((await told(verify(await openSmall(small), { level: 'read' }))).status).toBe(0);
  expect(Object.keys((await catalogOf(await openSmall(small))).archives)).toEqual(
    [...smallKeys, 'data/raw_0.tar'].sort(),
  );
  expect(leftovers(small)).toEqual([]);
});

test('two sections at once do not disturb each other', async () => {
  const small = await largeProject();
  const configuration = JSON.parse(readFileSync(small.config, 'utf8'));
  writeFileSync(
    small.config,
    JSON.stringify({ ...configuration, other: { __exclude__: [], a: { 'a/.*$': 'a.tar' } } }),
  );
  mkdirSync(join(small.folder, 'root/other/a'), { recursive: true });
  writeFileSync(join(small.folder, 'root/other/a/x'), 'x');
  const first = await haltedRun(small);
  expect(await runCli('archive', small.config, 'other')).toMatchObject({ status: 0 });
  expect(isWriting(small, 'raw_0')).toBe(true);
  first.goOn();
  expect(await first.ended).toMatchObject({ status: 0, err: '' });
  expect(await runCli('verify', small.config, '--level', 'read')).toMatchObject({ status: 0 });
  expect(Object.keys(archivesIn(small)).sort()).toEqual([...smallKeys, 'data/raw_0.tar', 'other/a.tar'].sort());
});

test('two state folders on one store: no archive is lost or half there, and one of the runs says what happened', async () => {
  const small = await largeProject();
  const states = ['one', 'two'].map((name) => join(small.folder, name));
  const first = await haltedRun(small, '--state', states[0]!);
  const second = await runCli('archive', small.config, section, '--state', states[1]!);
  const between = archivesIn(small);
  first.goOn();
  const ended = await first.ended;
  expect([ended.status, second.status].filter((status) => status !== 0).length, ended.err + second.err).toBeGreaterThan(
    0,
  );
  expect(ended.err + second.err).toMatch(/gone|already|changed/);
  // What the one made, the other leaves.
  expect(archivesIn(small)).toEqual({ ...between, ...archivesIn(small) });
  for (const [key, digest] of Object.entries(between)) expect(archivesIn(small)[key]).toBe(digest);
  for (const state of states) {
    const open = async () => projectOf(await openConfiguration(small.config, { state }));
    await expectRefusalAndRebuild(open);
    expect(Object.keys((await catalogOf(await open())).archives)).toEqual([...smallKeys, 'data/raw_0.tar'].sort());
    expect(await told(verify(await open(), { level: 'read' }))).toMatchObject({ status: 0 });
  }
  expect(leftovers(small)).toEqual([]);
});

/** A run that sees the other's record in the store goes no further until it has learned it; then nothing is made anew. */
async function expectRefusalAndRebuild(open: () => Promise<Project>): Promise<void> {
  const refused = await archived(await open());
  expect(refused).toMatchObject({ status: 3, error: { hint: expect.stringContaining('rebuild-catalog') } });
  expect(stored(refused)).toEqual([]);
  expect(await told(rebuildCatalog(await open()))).toMatchObject({ status: 0, error: undefined });
  expect(await archived(await open())).toMatchObject({ status: 0, error: undefined });
}

test.each([
  ['made', 'exists', () => {}],
  [
    'replaced',
    'changed',
    async (small: SmallProject, open: (state: string) => Promise<Project>) => {
      expect((await archived(await open('two'))).status).toBe(0);
      expect((await told(rebuildCatalog(await open('one')))).status).toBe(0);
      put(small, 'raw/1/a.fits', 'changed', 1);
    },
  ],
])('an archive that another run %s after ours was planned is left as it is, and told', async (_, code, prepare) => {
  const small = smallProject(await scratchFolder());
  const openAt = async (state: string, files: FileOperations = quickFiles) =>
    projectOf(await openConfiguration(small.config, { state: join(small.folder, state), files }), { files });
  await prepare(small, openAt);
  let others: Record<string, string> = {};
  const files: FileOperations = {
    ...quickFiles,
    async open(path, flags, mode) {
      if (path.includes('raw_1') && Object.keys(others).length === 0) {
        expect((await archived(await openAt('two'))).status).toBe(0);
        others = archivesIn(small);
        put(small, 'raw/1/late.fits', 'late');
      }
      return quickFiles.open(path, flags, mode);
    },
  };
  const ours = await archived(await openAt('one', files));
  expect(ours.status).toBe(4);
  const failed = ours.events.find((one) => one.kind === 'failed' && one.what === 'data/raw_1.tar');
  expect(failed).toMatchObject({ error: { code } });
  expect(Object.keys(others)).toContain('data/raw_1.tar');
  expect(archivesIn(small)).toEqual(others);
  for (const state of ['one', 'two']) {
    await expectRefusalAndRebuild(() => openAt(state));
    expect(await told(verify(await openAt(state), { level: 'read' }))).toMatchObject({ status: 0 });
  }
  expect(leftovers(small)).toEqual([]);
});
