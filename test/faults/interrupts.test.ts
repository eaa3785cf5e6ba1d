import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { builtCli, runCli } from '../built-cli.ts';
import { heldCli } from '../held-cli.ts';
import { archivesIn, catalogOf, leftovers } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, put, type SmallProject, section, smallKeys, smallProject } from '../small-project.ts';
import { until } from '../waiting.ts';

beforeAll(() => void builtCli());

const allKeys = [...smallKeys, 'data/raw_0.tar'].sort();
// The biggest is the first.
const beforeLarge: readonly string[] = [];

/** One of five archives is large, so that a signal finds it under way. */
async function largeProject(): Promise<SmallProject> {
  const small = smallProject(await scratchFolder());
  put(small, 'raw/0/large', '');
  truncateSync(join(small.tree, 'raw/0/large'), 96 << 20);
  return small;
}

/** Starts a run that is held in the large archive, sends it signals, and lets it go on. */
async function interrupted(small: SmallProject, ...signals: readonly NodeJS.Signals[]) {
  const line = ['archive', small.config, section, '--jobs', '1'];
  const run = await heldCli(small.folder, ['.stowage/tmp/', 'raw_0'], line);
  expect(Object.keys(archivesIn(small)).sort()).toEqual(beforeLarge);
  let err = '';
  run.child.stderr!.on('data', (more: string) => {
    err += more;
  });
  for (const [index, signal] of signals.entries()) {
    run.child.kill(signal);
    // A second signal of the same name is lost while the first was not taken.
    if (index === 0 && signal === 'SIGINT')
      await until('the first signal is answered', () => err.includes('interrupt again to abort'));
  }
  run.goOn();
  return run.ended;
}

async function expectCompletion(small: SmallProject) {
  expect(await runCli('archive', small.config, section)).toMatchObject({ status: 0, err: '' });
  expect(Object.keys(archivesIn(small)).sort()).toEqual(allKeys);
  expect(Object.keys((await catalogOf(await openSmall(small))).archives)).toEqual(allKeys);
  expect(await runCli('verify', small.config, '--level', 'read')).toMatchObject({ status: 0 });
  expect(leftovers(small)).toEqual([]);
}

test('the first Ctrl-C lets the archive under way be finished, and says what remains', async () => {
  const small = await largeProject();
  const ended = await interrupted(small, 'SIGINT');
  expect(ended.status).toBe(130);
  expect(ended.err).toContain('stopping when what is under way is done; interrupt again to abort at once');
  expect(ended.out + ended.err).toMatch(/4 archives/);
  expect(ended.err).toContain('run the same command again');
  expect(Object.keys(archivesIn(small)).sort()).toEqual([...beforeLarge, 'data/raw_0.tar'].sort());
  expect(Object.keys((await catalogOf(await openSmall(small))).archives)).toEqual(
    [...beforeLarge, 'data/raw_0.tar'].sort(),
  );
  expect(leftovers(small)).toEqual([]);
  await expectCompletion(small);
});

test.each([
  ['the second Ctrl-C', ['SIGINT', 'SIGINT']],
  ['SIGTERM', ['SIGTERM']],
] as const)('%s aborts at once, leaves nothing half, and the next run completes', async (_, signals) => {
  const small = await largeProject();
  const ended = await interrupted(small, ...signals);
  expect(ended.status).toBe(130);
  expect(ended.err).toContain('run the same command again');
  expect(Object.keys(archivesIn(small)).sort()).toEqual(beforeLarge);
  expect(leftovers(small)).toEqual([]);
  await expectCompletion(small);
});
