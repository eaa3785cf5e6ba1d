import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCatalog } from '../../src/catalog/catalog.ts';
import type { FileOperations } from '../../src/durable/file-operations.ts';
import { identityOf } from '../../src/verbs/project.ts';
import { rebuildCatalog } from '../../src/verbs/rebuild/rebuild-catalog.ts';
import { verify } from '../../src/verbs/verify/verify.ts';
import { countingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { archivesIn, buryHolder, catalogOf, leftovers } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, put, quickFiles, type SmallProject, section, smallProject } from '../small-project.ts';
import { archived, errorsOf, stored, told } from '../told.ts';

const gonePid = spawnSync(process.execPath, ['-e', '']).pid;

/** Archived, checked, and once killed while it archived: the store has no copy of what the last two wrote down. */
async function prepare(folder: string, loseState: boolean): Promise<SmallProject> {
  const small = smallProject(folder);
  expect((await archived(await openSmall(small))).status).toBe(0);
  expect((await told(verify(await openSmall(small), { level: 'read' }))).status).toBe(0);
  put(small, 'raw/4/a', 'four');
  await archived(await openSmall(small, killedWhenPublished()));
  buryHolder(small, gonePid);
  if (loseState) await rm(small.state, { recursive: true });
  return small;
}

/** Killed when the new archive is under its name, and not recorded. */
function killedWhenPublished(): FileOperations {
  let killed = false;
  const dead = killedFiles(quickFiles, { at: 0 });
  const alive: FileOperations = {
    ...quickFiles,
    async link(existing, path) {
      await quickFiles.link(existing, path);
      killed = path.includes('/vault/');
    },
  };
  const now = () => (killed ? dead : alive);
  return {
    open: (...args) => now().open(...args),
    mkdir: (...args) => now().mkdir(...args),
    link: (...args) => now().link(...args),
    symlink: (...args) => now().symlink(...args),
    rename: (...args) => now().rename(...args),
    unlink: (...args) => now().unlink(...args),
    rmdir: (...args) => now().rmdir(...args),
    setAttributes: (...args) => now().setAttributes(...args),
    syncFolder: (...args) => now().syncFolder(...args),
    lstat: (...args) => now().lstat(...args),
  };
}

/** On half a record archive may refuse to work, but makes nothing. */
const archiveThenRebuild = async (small: SmallProject) => {
  const run = await archived(await openSmall(small));
  if (run.error !== undefined) expect(run).toMatchObject({ status: 3, error: { code: 'mismatch' } });
  return [...stored(run), ...(await rebuilt(small))];
};

test.each([
  ['the state folder lost, then archive and rebuild-catalog', true, archiveThenRebuild],
  ['the state folder there, then archive and rebuild-catalog', false, archiveThenRebuild],
  ['the state folder there, then rebuild-catalog', false, (small: SmallProject) => rebuilt(small)],
])('rebuild-catalog killed at any step, %s: the same catalog, nothing made anew', async (_, loseState, then) => {
  const scratch = await scratchFolder();
  const undisturbed = await prepare(join(scratch, 'undisturbed'), loseState);
  const archives = archivesIn(undisturbed);
  const counted = countingFiles(quickFiles);
  expect(await told(rebuildCatalog(await openSmall(undisturbed, counted.files)))).toMatchObject({ status: 0 });
  const expected = await known(undisturbed);
  expect(Object.keys(expected.catalog.archives).length).toBe(5);
  for (const [index, line] of counted.log.entries()) {
    const when = `killed at step ${index + 1}: ${line}`;
    const small = await prepare(join(scratch, 'killed'), loseState);
    const killed = await told(rebuildCatalog(await openSmall(small, killedFiles(quickFiles, { at: index + 1 }))));
    expect(errorsOf(killed).some(isKilled), when).toBe(true);
    buryHolder(small, gonePid);
    expect(await then(small), when).toEqual([]);
    expect(await known(small), when).toEqual(expected);
    expect(await made(small), when).toEqual([]);
    expect(archivesIn(small), when).toEqual(archives);
    expect(leftovers(small), when).toEqual([]);
    await rm(small.folder, { recursive: true });
  }
});

/** The archives that a run makes; it must end well. */
async function made(small: SmallProject) {
  const run = await archived(await openSmall(small));
  expect(run).toMatchObject({ status: 0, error: undefined });
  return stored(run);
}

async function rebuilt(small: SmallProject): Promise<readonly string[]> {
  expect(await told(rebuildCatalog(await openSmall(small)))).toMatchObject({ status: 0, error: undefined });
  return [];
}

/** The catalog with how closely each archive was checked. */
async function known(small: SmallProject) {
  const project = await openSmall(small);
  const { archives } = await openCatalog(project.state, section, identityOf(project));
  return {
    catalog: await catalogOf(project),
    levels: Object.fromEntries(
      [...archives].sort().map(([key, { evidence }]) => [key, [...new Set(evidence.map((one) => one.level))].sort()]),
    ),
  };
}
