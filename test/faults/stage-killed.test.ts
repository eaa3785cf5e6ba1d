import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isFailure } from '../../src/pool/pool-event.ts';
import { executeStage } from '../../src/pool/staging/execute-stage.ts';
import { manifestPath, readManifest } from '../../src/pool/staging/staged-manifest.ts';
import { runProgram } from '../built-cli.ts';
import { countingFiles, failingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { type SmallPool, said, smallPool } from '../small-pool.ts';
import { quickFiles } from '../small-project.ts';
import { lookAtTree } from '../tree.ts';

const stage = (pool: SmallPool, files = quickFiles) =>
  said(executeStage(pool.run({ files }), { jobs: 1, pause: async () => undefined, retries: 0 }));

/** Two peers with files, a directory and a link; `next` is what they have later that day. */
function fill(pool: SmallPool, version: 'first' | 'next'): void {
  for (const name of ['one', 'two']) {
    const from = pool.collectDir(name);
    mkdirSync(`${from}/dir`, { recursive: true });
    for (const [path, content] of [
      ['a.tar', version],
      ['dir/b', 'the same'],
      [`dir/${version}`, `only ${version}`],
      ['cback.collect', ''],
    ] as const) {
      writeFileSync(`${from}/${path}`, content);
      utimesSync(
        `${from}/${path}`,
        1_700_000_000,
        version === 'first' || path === 'dir/b' ? 1_700_000_000 : 1_700_000_009,
      );
    }
    if (version === 'first') symlinkSync('a.tar', `${from}/link`);
  }
}

/** What must be the same however often it was killed: the day, and what is recorded of it. */
async function outcome(pool: SmallPool) {
  const seen = new Map([...lookAtTree(pool.stagingDir)].map(([path, one]) => [path, { ...one, mtimeNs: '' }]));
  const manifests = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const manifest = await readManifest(manifestPath(pool.stateDir, '2026/11/18', name));
      return [...(manifest?.members.values() ?? [])].map(({ path, type, sha256 }) => ({ path, type, sha256 }));
    }),
  );
  const told = ['one', 'two'].map((name) => existsSync(`${pool.collectDir(name)}/cback.stage`));
  return {
    seen,
    manifests,
    told,
    work: readdirSync(pool.stagingDir),
    staged: readdirSync(`${pool.stateDir}/staged`, { recursive: true }),
  };
}

/** What holds at any moment: a peer's directory has all that it had when it was let in, and every file is one of those that it had. */
function requireWhole(pool: SmallPool, when: string): void {
  for (const name of ['one', 'two']) {
    const folder = `${pool.day}/${name}`;
    if (!existsSync(folder)) {
      expect(existsSync(`${pool.collectDir(name)}/cback.stage`), when).toBe(false);
      continue;
    }
    const now = readFileSync(`${folder}/a.tar`, 'utf8');
    expect(['first', 'next'], when).toContain(now);
    // What was staged before the new content came is not lost at any moment.
    const earlier = `${folder}/a.tar.earlier-1`;
    if (now === 'next') expect(existsSync(earlier), when).toBe(true);
    if (existsSync(earlier)) expect(readFileSync(earlier, 'utf8'), when).toBe('first');
    expect(readFileSync(`${folder}/dir/b`, 'utf8'), when).toBe('the same');
    expect(
      readdirSync(folder).filter((one) => !['a.tar', 'a.tar.earlier-1', 'cback.collect', 'dir', 'link'].includes(one)),
      when,
    ).toEqual([]);
    expect(existsSync(`${folder}/link`) || readdirSync(folder).includes('link'), when).toBe(true);
  }
  if (existsSync(`${pool.day}/cback.stage`)) {
    expect(
      readdirSync(pool.day).some((one) => one === 'one' || one === 'two'),
      when,
    ).toBe(true);
  }
}

const peers = [{ name: 'one' }, { name: 'two' }];
const situations = [
  ['the first run of a day', 1, async () => smallPoolWith('first')],
  [
    'a later run of the day',
    4,
    async () => {
      const pool = await smallPoolWith('first');
      await stage(pool);
      fill(pool, 'next');
      return pool;
    },
  ],
] as const;

async function smallPoolWith(version: 'first' | 'next') {
  const pool = await smallPool(peers);
  fill(pool, version);
  return pool;
}

describe.each(situations)('%s', (_, everyKill, prepare) => {
  async function undisturbed() {
    const pool = await prepare();
    const counted = countingFiles(quickFiles);
    expect((await stage(pool, counted.files)).filter(isFailure)).toEqual([]);
    return { expected: await outcome(pool), log: counted.log };
  }

  test('killed at durable steps, half a write or none, and run again, is as if it had not been', async () => {
    const { expected, log } = await undisturbed();
    expect(log.length).toBeGreaterThan(40);
    for (const [index, line] of log.entries()) {
      if (index % everyKill !== 0) continue;
      for (const torn of line.startsWith('write ') ? [false, true] : [false]) {
        const when = `killed at step ${index + 1}${torn ? ', torn' : ''}: ${line}`;
        const pool = await prepare();
        const killed = await stage(pool, killedFiles(quickFiles, { at: index + 1, torn })).catch((error) => error);
        // A failure of a peer is told; the lock, which a dead process leaves, is broken as one would be.
        expect(Array.isArray(killed) || isKilled(killed), when).toBe(true);
        requireWhole(pool, when);
        rmSync(`${pool.stateDir}/stage.lock`, { force: true });
        expect((await stage(pool)).filter(isFailure), when).toEqual([]);
        expect(await outcome(pool), when).toEqual(expected);
      }
    }
  });

  test.each([
    ['ENOSPC', 5],
    ['EIO', 11],
  ] as const)('%s from durable steps on leaves nothing half, is told, and is made good', async (error, every) => {
    const { expected, log } = await undisturbed();
    for (const [index, line] of log.entries()) {
      if (index % every !== 0) continue;
      const when = `${error} from step ${index + 1}: ${line}`;
      const pool = await prepare();
      const files = failingFiles(quickFiles, { from: index + 1, error, torn: true });
      const failed = await stage(pool, files).catch((thrown) => thrown);
      const isTold = Array.isArray(failed) ? failed.some(isFailure) : ['full', 'unavailable'].includes(failed.code);
      expect(isTold, when).toBe(true);
      requireWhole(pool, when);
      rmSync(`${pool.stateDir}/stage.lock`, { force: true });
      expect((await stage(pool)).filter(isFailure), when).toEqual([]);
      expect(await outcome(pool), when).toEqual(expected);
    }
  });
});

test('killed by SIGKILL at durable steps, and run again, is as if it had not been killed', async () => {
  const child = await buildChild(await scratchFolder());
  const first = await smallPoolWith('first');
  const counted = countingFiles(quickFiles);
  await stage(first, counted.files);
  const expected = await outcome(first);
  const kills = counted.log.map((_, index) => index + 1).filter((at) => at % 9 === 0);
  for (const at of kills) {
    const when = `killed at step ${at}: ${counted.log[at - 1]}`;
    const pool = await smallPoolWith('first');
    const killed = await runProgram(process.execPath, [child, pool.folder, String(at)]);
    expect({ ...killed }, when).toEqual({ status: null, out: '', err: '' });
    requireWhole(pool, when);
    // The lock of a dead process is taken over.
    expect((await stage(pool)).filter(isFailure), when).toEqual([]);
    expect(await outcome(pool), when).toEqual(expected);
  }
});

test('of two runs at once the second is refused, and the first is not disturbed', async () => {
  const pool = await smallPoolWith('first');
  const first = executeStage(pool.run(), { jobs: 1 });
  expect((await first.next()).value).toMatchObject({ deed: 'begun', peer: 'one' });
  await expect(stage(pool)).rejects.toMatchObject({ code: 'locked' });
  expect((await said(first)).filter(isFailure)).toEqual([]);
  expect(readdirSync(pool.day).sort()).toEqual(['cback.stage', 'one', 'two']);
  expect((await stage(pool)).filter(isFailure)).toEqual([]);
});

async function buildChild(folder: string): Promise<string> {
  const tsdown = fileURLToPath(new URL('../../node_modules/tsdown/dist/run.mjs', import.meta.url));
  const source = fileURLToPath(new URL('stage-kill-child.ts', import.meta.url));
  const out = join(folder, 'child');
  const flags = ['--no-config', '--no-clean', '--out-dir', out, '--no-dts', '--no-report', '--logLevel', 'error'];
  const built = await runProgram(process.execPath, [tsdown, source, ...flags]);
  expect(built.status, built.err).toBe(0);
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
  return join(out, 'stage-kill-child.mjs');
}
