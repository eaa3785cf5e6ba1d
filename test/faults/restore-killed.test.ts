import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileOperations } from '../../src/durable/file-operations.ts';
import { restore } from '../../src/verbs/restore/restore.ts';
import { countingFiles, failingFiles, killedFiles } from '../failing-files.ts';
import { filesBelow } from '../project-facts.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { openSmall, quickFiles, type SmallProject, section, smallProject } from '../small-project.ts';
import { archived, errorsOf, told } from '../told.ts';

test('a restore that is killed at any step, and run again, brings everything back and leaves nothing else', async () => {
  const { small, to, log, expected } = await archivedProject();
  expect(log.length).toBeGreaterThan(40);
  for (const kill of log.flatMap((line, index) => [
    { at: index + 1, line },
    ...(line.startsWith('write ') ? [{ at: index + 1, line, torn: true }] : []),
  ])) {
    const when = `killed at step ${kill.at}${'torn' in kill ? ', torn' : ''}: ${kill.line}`;
    await restored(small, to, killedFiles(quickFiles, kill));
    expectNothingHalf(small, to, when);
    expect(await restored(small, to), when).toMatchObject({ status: 0, error: undefined });
    expect(look(to), when).toEqual(expected);
    expect(readdirSync(small.folder).sort(), when).toEqual(['.stowage', 'config.json', 'root', 'target', 'vault']);
    await rm(to, { recursive: true });
  }
});

test.each(['EIO', 'ENOSPC'])(
  'a restore in which any write fails with %s says so, and goes on when asked again',
  async (error) => {
    const { small, to, log, expected } = await archivedProject();
    for (const [index, line] of log.entries()) {
      // A bad place is one; a full disk stays full.
      const failure = error === 'EIO' ? { at: index + 1 } : { from: index + 1 };
      const when = `${JSON.stringify(failure)}: ${line}`;
      const failed = await restored(small, to, failingFiles(quickFiles, { ...failure, error, torn: true }));
      // A leftover that cannot be looked for is not one: removing what is not there may fail unheard.
      if (!line.startsWith('unlink ')) expect([1, 4], when).toContain(failed.status);
      if (error === 'ENOSPC' && line.startsWith('write ')) expect(failed.status, when).toBe(4);
      if (errorsOf(failed).length > 0) expect(failed.status, when).toBe(4);
      expectNothingHalf(small, to, when);
      expect(await restored(small, to), when).toMatchObject({ status: 0, error: undefined });
      // Of two names of one file that came back in two runs, each has the content, but they are two files then.
      expect(withoutLinks(look(to)), when).toEqual(withoutLinks(expected));
      await rm(to, { recursive: true });
    }
  },
);

test('a restore that is asked to stop before its last file is no success', async () => {
  const { small } = await archivedProject();
  const path = 'README.md';
  await rm(join(small.tree, path));
  const stop = new AbortController();
  const files: FileOperations = {
    ...quickFiles,
    lstat: (looked) => {
      stop.abort();
      return quickFiles.lstat(looked);
    },
  };
  const project = await openSmall(small, files);
  await expect(told(restore(project, section, { paths: [path], stop: stop.signal }))).resolves.toMatchObject({
    error: { code: 'interrupted' },
  });
  expect(existsSync(join(small.tree, path))).toBe(false);
  expect((await told(restore(await openSmall(small), section, { paths: [path] }))).status).toBe(0);
  expect(existsSync(join(small.tree, path))).toBe(true);
});

async function archivedProject() {
  const small = smallProject(await scratchFolder());
  expect((await archived(await openSmall(small))).status).toBe(0);
  const to = join(small.folder, 'target');
  const counted = countingFiles(quickFiles);
  expect(await restored(small, to, counted.files)).toMatchObject({ status: 0, error: undefined });
  const expected = look(to);
  expect(expected).toEqual(look(small.tree));
  await rm(to, { recursive: true });
  return { small, to, log: counted.log, expected };
}

async function restored(small: SmallProject, to: string, files?: FileOperations) {
  return told(restore(await openSmall(small, files), section, { paths: ['README.md', 'raw', 'calib'], to }));
}

/** What is there under its own name is whole; the rest has a name that says what it is. */
function expectNothingHalf(small: SmallProject, to: string, when: string) {
  const whole = filesBelow(small.tree);
  if (!existsSync(to)) mkdirSync(to);
  for (const [path, digest] of Object.entries(filesBelow(to))) {
    if (!path.endsWith('.part')) expect(digest, `${when}: ${path}`).toBe(whole[path]);
  }
}

/** Content, type, mode, time and link target of all that is in a folder; of directories above an archive's root there is no record. */
function look(folder: string) {
  const digests = filesBelow(folder);
  return Object.fromEntries(
    readdirSync(folder, { recursive: true })
      .map(String)
      .sort()
      .flatMap((path) => {
        if (path === 'raw') return [];
        const local = join(folder, path);
        const { mode, mtimeMs, nlink, isLink } = statsOf(local);
        return [
          [path, { mode, mtimeMs, nlink, digest: digests[path], target: isLink ? readlinkSync(local) : undefined }],
        ];
      }),
  );
}

function withoutLinks(seen: ReturnType<typeof look>) {
  return Object.entries(seen).map(([path, { nlink: _, ...rest }]) => [path, rest]);
}

function statsOf(local: string) {
  const stats = lstatSync(local);
  const isLink = stats.isSymbolicLink();
  return { mode: stats.mode, mtimeMs: stats.mtimeMs, nlink: stats.isDirectory() ? 0 : stats.nlink, isLink };
}
