import { symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { realFiles } from '../../src/durable/real-files.ts';
import { rebuildCatalog } from '../../src/verbs/rebuild/rebuild-catalog.ts';
import { verify } from '../../src/verbs/verify/verify.ts';
import { runProgram } from '../built-cli.ts';
import { countingFiles, mayBeBeyond } from '../failing-files.ts';
import { archivesIn, catalogOf, leftovers, timesRecorded } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { changeTree, openSmall, type SmallProject, section, smallProject } from '../small-project.ts';
import { archived, stored, told } from '../told.ts';

const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));

// The first run is killed at every step, and a run that replaces archives at every third, where simulated kills are at each.
test.each([
  ['the first run', 1, (small: SmallProject) => small],
  [
    'a run that replaces',
    3,
    async (small: SmallProject) => {
      expect((await archived(await openSmall(small))).status).toBe(0);
      changeTree(small);
      return small;
    },
  ],
])(
  '%s, killed by SIGKILL at any durable step, and run again, is as if it had not been killed',
  async (_, every, prepare) => {
    const scratch = await scratchFolder();
    const child = await buildChild(scratch);
    const undisturbed = await prepare(smallProject(join(scratch, 'undisturbed')));
    const counted = countingFiles(realFiles);
    expect((await archived(await openSmall(undisturbed, counted.files))).status).toBe(0);
    const expected = await outcome(undisturbed);
    const kills = counted.log
      .flatMap((line, index) => {
        const one = { at: String(index + 1), line, torn: 'whole' };
        // Half a write is left of a large one only: the system does not interrupt those of a journal.
        return line.startsWith('write ') && line.includes('/vault/') ? [one, { ...one, torn: 'torn' }] : [one];
      })
      .filter((one) => Number(one.at) % (one.line.includes('/listing/') ? 3 : every) === 0);
    const next = kills.values();
    const work = async () => {
      for (const { at, line, torn } of next) {
        const when = `killed at step ${at}, ${torn}: ${line}`;
        const small = await prepare(smallProject(join(scratch, `killed-${at}-${torn}`)));
        const killed = await runProgram(process.execPath, [child, small.config, section, at, torn]);
        const ended = killed.out !== '' && mayBeBeyond(counted.log, Number(at));
        const expectedEnd = ended ? { status: 0, out: 'not killed\n', err: '' } : { status: null, out: '', err: '' };
        expect({ ...killed, status: killed.status }, when).toEqual(expectedEnd);
        const again = await archived(await openSmall(small));
        expect({ status: again.status, error: again.error }, when).toEqual({ status: 0, error: undefined });
        expect(await outcome(small), when).toEqual(expected);
        expect(stored(await archived(await openSmall(small))), when).toEqual([]);
        expect(await told(verify(await openSmall(small), { level: 'read' })), when).toMatchObject({ status: 0 });
        await rm(small.state, { recursive: true });
        expect(await told(rebuildCatalog(await openSmall(small))), when).toMatchObject({ status: 0 });
        expect(await catalogOf(await openSmall(small)), when).toEqual(expected.catalog);
        await rm(small.folder, { recursive: true });
      }
    };
    await Promise.all([work(), work()]);
  },
);

/** The child as JavaScript that Node runs, in a file of its own. */
async function buildChild(folder: string): Promise<string> {
  const tsdown = join(packages, 'tsdown/dist/run.mjs');
  const out = join(folder, 'child');
  const flags = ['--no-config', '--no-clean', '--out-dir', out, '--no-dts', '--no-report', '--logLevel', 'error'];
  // Threads lie beside what starts them.
  for (const path of ['kill-child.ts', '../../src/threads/thread.ts', '../../src/scan/scan-task.ts']) {
    const source = fileURLToPath(new URL(path, import.meta.url));
    const built = await runProgram(process.execPath, [tsdown, source, ...flags]);
    expect(built.status, built.err).toBe(0);
  }
  symlinkSync(packages, join(folder, 'node_modules'));
  return join(out, 'kill-child.mjs');
}

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
