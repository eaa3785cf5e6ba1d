import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openConfiguration } from '../../src/open.ts';
import { projectOf } from '../../src/verbs/project.ts';
import { type Survey, survey } from '../../src/verbs/survey/survey.ts';
import { type Place, place, stowageJson } from '../stowage.ts';
import { anyTree, grow } from '../tree.ts';

const rules = {
  __top__: { '[^/]+$': 'top.tar' },
  d1: {
    'd1/([^/]+)$': 'd1/\\1.tar',
    'd1/([^/]+)/(.|\\n)+$': 'd1/\\1.tar',
    'd1/.*x.*': 'EXCLUDE',
    'd1/y[^/]*': 'plain',
  },
  d2: { 'd2/sub/(.|\\n)+$': 'd2/sub.tar', 'd2/[^/]+$': 'AUTOMATED' },
};
const tree = anyTree(['', 'd1', 'd2', 'd2/sub', 'd3']);
const policy = { sizeLimit: 2 ** 40, allowShrink: false };

/** A store that packs archives of few and plain members, so that who makes them is part of every plan. Nothing is made here. */
const pack = {
  limits: { memberBytes: 40, nameBytes: 8, prefixBytes: 8, targetBytes: 3, members: 4 },
  write: () => Promise.reject(new Error('nothing is to be packed')),
};

/** All that a survey says, with what it would load, as plain data that does not depend on the order of the findings. */
async function said(at: Place, partitionLines: number) {
  const opened = await openConfiguration(at.config);
  const project = projectOf({ ...opened, store: { ...opened.store, pack } });
  const done = await survey(project, 'data', policy, { partitionLines });
  try {
    const { counts, emptyDirectories, unknownRuns, adopted } = done;
    return {
      counts,
      unknownRuns,
      adopted: adopted.map((one) => one.object.key),
      empty: [...emptyDirectories].sort(),
      findings: [...done.findings()].map((one) => JSON.stringify(one)).sort(),
      archives: await everything(done),
    };
  } finally {
    await done.close();
  }
}

function everything(done: Survey) {
  return Promise.all(
    done.archives.map(async ({ load, ...facts }) => {
      if (facts.decision !== 'make') return { facts };
      const work = await load();
      return { facts, work: { ...work, lines: [...work.lines] } };
    }),
  );
}

async function expectSame(at: Place) {
  const whole = await said(at, Number.POSITIVE_INFINITY);
  for (const lines of [1, 3, 7]) expect(await said(at, lines)).toEqual(whole);
  return whole;
}

test('however a section is partitioned, the plan is the same', async () => {
  let planned = 0;
  const packers = new Set<string | undefined>();
  await fc.assert(
    fc.asyncProperty(tree, tree, async (before, after) => {
      const at = await place(rules);
      grow(at.data, before);
      const first = await expectSame(at);
      planned += first.archives.length;
      for (const { facts } of first.archives) packers.add(facts.packing?.by);
      await stowageJson('archive', at.config, 'data');
      await expectSame(at);
      rmSync(at.data, { recursive: true });
      mkdirSync(at.data);
      grow(at.data, after);
      await expectSame(at);
    }),
    { numRuns: 8 },
  );
  expect(planned).toBeGreaterThan(0);
  for (const by of ['us', 'store']) expect(packers).toContain(by);
}, 240_000);

test('also where several disks have the same names, as files, folders and empty folders', async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, async (one, other) => {
      const at = await place(rules, { physical_disks: ['tree', 'b'] });
      mkdirSync(join(at.folder, 'b/data'), { recursive: true });
      grow(at.data, one);
      grow(join(at.folder, 'b/data'), other);
      for (const disk of [at.data, join(at.folder, 'b/data')]) {
        mkdirSync(join(disk, 'd1/both/empty'), { recursive: true });
        writeFileSync(join(disk, 'd1/both/twice'), disk);
      }
      writeFileSync(join(at.folder, 'b/data/d1/both/empty/not'), '');
      const found = await expectSame(at);
      expect(found.findings.filter((text) => text.includes('several-disks')).length).toBeGreaterThan(0);
      expect(found.findings.join()).not.toContain('both/empty"');
    }),
    { numRuns: 6 },
  );
}, 240_000);

test('also where a folder on one disk is a file, or a link to one that has the rest of the path, on another', async () => {
  const at = await place(rules, { physical_disks: ['tree', 'b'] });
  const other = join(at.folder, 'b/data');
  for (const path of ['d2/file/empty', 'd2/link/empty']) mkdirSync(join(at.data, path), { recursive: true });
  for (const path of ['d2', 'else/empty']) mkdirSync(join(other, path), { recursive: true });
  writeFileSync(join(other, 'd2/file'), '');
  writeFileSync(join(other, 'else/empty/full'), '');
  symlinkSync('../else', join(other, 'd2/link'));
  const { findings } = await expectSame(at);
  for (const path of ['d2/file/empty', 'd2/link/empty'])
    expect(findings.join()).toContain(`{"kind":"empty-directory","path":"${path}"}`);
});

test('and where the store has archives that no record explains', async () => {
  const at = await place(rules);
  await fc.assert(
    fc.asyncProperty(tree, async (all) => {
      rmSync(at.data, { recursive: true, force: true });
      rmSync(at.vault, { recursive: true, force: true });
      mkdirSync(at.data);
      mkdirSync(at.vault);
      grow(at.data, all);
      writeFileSync(join(at.data, 'loose'), 'x');
      await stowageJson('archive', at.config, 'data');
      rmSync(at.state, { recursive: true });
      rmSync(join(at.vault, '.stowage'), { recursive: true });
      const found = await expectSame(at);
      expect(found.adopted).toContain('data/top.tar');
    }),
    { numRuns: 5 },
  );
}, 240_000);
