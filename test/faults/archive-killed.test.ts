import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rebuildCatalog } from '../../src/verbs/rebuild/rebuild-catalog.ts';
import { verify } from '../../src/verbs/verify/verify.ts';
import { durableOrder } from '../durable-order.ts';
import { countingFiles, isKilled, killedFiles, mayBeBeyond } from '../failing-files.ts';
import { archivesIn, buryHolder, catalogOf, leftovers, timesRecorded } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { changeTree, openSmall, quickFiles, type SmallProject, smallProject } from '../small-project.ts';
import { archived, errorsOf, stored, told } from '../told.ts';

const gonePid = spawnSync(process.execPath, ['-e', '']).pid;

/** Made anew for each kill: what stands before the run that is killed. */
const scenarios = {
  'the first run': async (folder: string) => smallProject(folder),
  'a run that replaces': async (folder: string) => {
    const small = smallProject(folder);
    expect((await archived(await openSmall(small))).status).toBe(0);
    changeTree(small);
    return small;
  },
};

describe.each(Object.entries(scenarios))('%s', (_, prepare) => {
  test('killed at any step, and run again, is as if it had not been killed', async () => {
    const scratch = await scratchFolder();
    const undisturbed = await prepare(join(scratch, 'undisturbed'));
    const watch = durableOrder(undisturbed);
    const counted = countingFiles(watch.files(quickFiles));
    expect(await archived(await openSmall(undisturbed, counted.files))).toMatchObject({ status: 0, error: undefined });
    expect(watch.broken).toEqual([]);
    const expected = await outcome(undisturbed);
    const kills = counted.log.flatMap((line, index) => [
      { at: index + 1, line },
      ...(line.startsWith('write ') ? [{ at: index + 1, line, torn: true }] : []),
    ]);
    expect(kills.length).toBeGreaterThan(60);
    for (const { line, ...kill } of kills) {
      const small = await prepare(join(scratch, 'killed'));
      const beyond = mayBeBeyond(counted.log, kill.at);
      await killedAndRunAgain(
        small,
        { ...kill, beyond },
        expected,
        `killed at step ${kill.at}${kill.torn ? ', torn' : ''}: ${line}`,
      );
      await rm(small.folder, { recursive: true });
    }
  });
});

async function killedAndRunAgain(
  small: SmallProject,
  kill: { at: number; torn?: boolean; beyond: boolean },
  expected: Awaited<ReturnType<typeof outcome>>,
  when: string,
) {
  const watch = durableOrder(small);
  const killed = await archived(await openSmall(small, killedFiles(watch.files(quickFiles), kill)));
  // A kill at the very last steps, while the lock is given back, may have nothing left to spoil; it still must have been one.
  expect(errorsOf(killed).some(isKilled) || kill.beyond, when).toBe(true);
  buryHolder(small, gonePid);
  watch.newRun();
  const again = await archived(await openSmall(small, watch.files(quickFiles)));
  expect({ status: again.status, error: again.error }, when).toEqual({ status: 0, error: undefined });
  expect(watch.broken, when).toEqual([]);
  expect(await outcome(small), when).toEqual(expected);
  if (kill.torn) return;
  const third = await archived(await openSmall(small));
  expect({ status: third.status, stored: stored(third), healed: healed(third) }, when).toEqual({
    status: 0,
    stored: [],
    healed: 0,
  });
  const read = await told(verify(await openSmall(small), { level: 'read' }));
  expect(read, when).toMatchObject({ status: 0, error: undefined });
  await rm(small.state, { recursive: true });
  const rebuilt = await told(rebuildCatalog(await openSmall(small)));
  expect(rebuilt, when).toMatchObject({ status: 0, error: undefined });
  expect(await catalogOf(await openSmall(small)), when).toEqual(expected.catalog);
  const fourth = await archived(await openSmall(small));
  expect({ status: fourth.status, stored: stored(fourth), leftovers: leftovers(small) }, when).toEqual({
    status: 0,
    stored: [],
    leftovers: [],
  });
}

const healed = (run: Awaited<ReturnType<typeof archived>>) => run.events.filter((one) => one.kind === 'healed').length;

/** All that must be the same with and without the kill. */
async function outcome(small: SmallProject) {
  const project = await openSmall(small);
  return {
    archives: archivesIn(small),
    catalog: await catalogOf(project),
    recorded: await timesRecorded(project),
    leftovers: leftovers(small),
  };
}
