import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verify } from '../../src/verbs/verify/verify.ts';
import { countingFiles, failingFiles, steppedFiles } from '../failing-files.ts';
import { archivesIn, catalogOf, leftovers } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { changeTree, openSmall, quickFiles, type SmallProject, smallProject } from '../small-project.ts';
import { archived, errorsOf, stored, told } from '../told.ts';

describe.each(['EIO', 'ENOSPC'])('%s', (error) => {
  test('at any write of a run that replaces: told, nothing half there, nothing old lost, and the next run completes', async () => {
    const scratch = await scratchFolder();
    const undisturbed = await prepare(join(scratch, 'undisturbed'));
    const old = archivesIn(undisturbed);
    const counted = countingFiles(quickFiles);
    expect(await archived(await openSmall(undisturbed, counted.files))).toMatchObject({ status: 0, error: undefined });
    const expected = { archives: archivesIn(undisturbed), catalog: await catalogOf(await openSmall(undisturbed)) };
    expect(membersOf(expected.catalog, 'data/raw_1.tar')).toEqual(
      ['', '/a.fits', '/b.fits', '/deep', '/deep/c.fits', '/link', '/new.fits'].map((path) => `raw/1${path}`),
    );
    for (const [index, line] of counted.log.entries()) {
      // A bad place is one; a full disk stays full.
      const failure = error === 'EIO' ? { at: index + 1 } : { from: index + 1 };
      const when = `${error} ${JSON.stringify(failure)}: ${line}`;
      const small = await prepare(join(scratch, 'failed'));
      const failed = await archived(
        await openSmall(small, failingFiles(quickFiles, { ...failure, error, torn: true })),
      );
      expect(failed.status, when).toEqual(mayPassUnheard(line, failure) ? expect.anything() : 4);
      for (const one of errorsOf(failed)) expect(one, when).toMatchObject({ name: 'StowageError' });
      const seen = archivesIn(small);
      for (const key of Object.keys({ ...old, ...seen, ...expected.archives }))
        expect([old[key], expected.archives[key]], `${when}: ${key}`).toContain(seen[key]);
      // What was told to be stored is there; nothing that was there is gone.
      for (const key of stored(failed)) expect(seen[key], `${when}: ${key}`).toBe(expected.archives[key]);
      await rm(join(small.state, 'lock'), { recursive: true, force: true });
      const again = await archived(await openSmall(small));
      expect({ status: again.status, error: again.error }, when).toEqual({ status: 0, error: undefined });
      expect({ archives: archivesIn(small), catalog: await catalogOf(await openSmall(small)) }, when).toEqual(expected);
      expect(leftovers(small), when).toEqual([]);
      expect(await told(verify(await openSmall(small), { level: 'read' })), when).toMatchObject({ status: 0 });
      await rm(small.folder, { recursive: true });
    }
  });

  test('in the journal: the run goes no further, and gives the lock back', async () => {
    const small = smallProject(await scratchFolder());
    const counted = countingFiles(quickFiles);
    const copy = smallProject(await scratchFolder());
    await archived(await openSmall(copy, counted.files));
    const steps = counted.log.filter(isOfJournal);
    // The first two begin the journal: if that fails, the next archive begins another.
    for (const [index, line] of steps.entries()) {
      if (index < 2) continue;
      // Counted among their own kind: which of all steps it is depends on how writes that are under way at once fall together.
      let seen = 0;
      let failedAt = 0;
      const later = countingFiles(
        steppedFiles(quickFiles, {
          before(step, one) {
            if (!isOfJournal(one) || seen++ !== index) return;
            failedAt = step;
            throw Object.assign(new Error(`${error}: simulated, ${one}`), { code: error });
          },
        }),
      );
      const run = await archived(await openSmall(small, later.files));
      expect(run.status, line).toBe(4);
      const written = later.log.slice(failedAt).filter((line) => /^open wx .*\/vault\//.test(line));
      expect(written, 'archives that nobody could record any more').toEqual([]);
      expect(leftovers(small).filter((path) => path.startsWith('lock/'))).toEqual([]);
      await rm(small.folder, { recursive: true });
      smallProject(small.folder);
    }
  });
});

const isOfJournal = (line: string) => /^(write|sync) .*\/journal\//.test(line);

function membersOf({ archives }: Awaited<ReturnType<typeof catalogOf>>, key: string) {
  return archives[key]?.manifest.members.map((member) => member.path);
}

async function prepare(folder: string): Promise<SmallProject> {
  const small = smallProject(folder);
  expect((await archived(await openSmall(small))).status).toBe(0);
  changeTree(small);
  return small;
}

/** Giving back the temporary name of a lock's claim, and a name that is removed twice, are best effort; a listing can lie elsewhere. */
function mayPassUnheard(line: string, failure: { at?: number }): boolean {
  if (failure.at === undefined) return false;
  return line.includes('/listing/') || (line.startsWith('unlink ') && /\.json\.[0-9a-f]{16}$/.test(line));
}
