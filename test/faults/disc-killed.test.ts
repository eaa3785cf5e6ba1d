import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect } from 'vitest';
import { checkDisc } from '../../src/disc/check-disc.ts';
import { imageWriter } from '../../src/disc/image-writer.ts';
import { shownBy } from '../../src/disc/write-session.ts';
import { realFiles } from '../../src/durable/real-files.ts';
import { findProgram } from '../../src/programs/find-program.ts';
import { builtCli } from '../built-cli.ts';
import { countingFiles, failingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';

const real = findProgram('xorriso');
beforeAll(() => void builtCli());

/** An image with one session if it is to be appended to, and what is to be written. */
async function place(append: boolean, session?: Uint8Array) {
  const folder = await scratchFolder();
  const image = join(folder, 'disc.iso');
  writeFileSync(image, '');
  for (const name of ['old', 'new']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'a.tar'), `${name} `.repeat(30_000));
  }
  const write = (name: string, files = realFiles, xorriso?: string) => {
    const writer = imageWriter(image, { files, xorriso });
    writer.initializeImage({ newDisc: false, mediaLabel: 'CEDAR BACKUP 18-NOV-2026' });
    writer.addImageEntry(join(folder, name), `2026/11/18/${name}`);
    return writer.writeImage();
  };
  // The first session can be made once for many places.
  if (append && session === undefined) await write('old');
  const before = session ?? readFileSync(image);
  if (session !== undefined) writeFileSync(image, session);
  return {
    folder,
    image,
    before,
    write,
    /** Either all as before, or all that was to be written; never anything else. */
    async requireOldOrNew(when: string): Promise<void> {
      if (readFileSync(image).equals(before)) return;
      expect((await checkDisc(image)).faults, when).toEqual([]);
      expect([...(await shownBy(image)).keys()], when).toContain('2026/11/18/new/a.tar');
    },
    async requireComplete(when: string): Promise<void> {
      const { faults } = await checkDisc(image);
      expect(faults, when).toEqual([]);
      const paths = ['new', ...(append ? ['old'] : [])].map((one) => `2026/11/18/${one}/a.tar`);
      const shown = [...(await shownBy(image)).keys()].filter((one) => one.endsWith('.tar'));
      expect(shown.sort(), when).toEqual(paths);
    },
  };
}

needing(real !== undefined).test.each([
  ['a first session', false],
  ['a session that is appended', true],
])('%s, killed or failed at any step, leaves the image readable, and the next run completes', async (_, append) => {
  const counted = countingFiles(realFiles);
  const undisturbed = await place(append);
  await undisturbed.write('new', counted.files);
  expect(counted.steps()).toBeGreaterThanOrEqual(8);
  for (let at = 1; at <= counted.steps(); at += 1) {
    const line = counted.log[at - 1]!.split(' ')[0]!;
    const killed = await place(append, undisturbed.before);
    const when = `step ${at}, ${line}`;
    const error = await killed.write('new', killedFiles(realFiles, { at })).catch((one: unknown) => one);
    expect(isKilled(error), when).toBe(true);
    await killed.requireOldOrNew(when);
    await killed.write('new');
    await killed.requireComplete(when);
    if (!/^(open|write|sync|rename|syncFolder|mkdir)$/.test(line)) continue;
    const full = await place(append, undisturbed.before);
    await expect(full.write('new', failingFiles(realFiles, { at, error: 'ENOSPC' })), when).rejects.toMatchObject({
      code: 'full',
    });
    await full.requireOldOrNew(when);
  }
});

needing(real !== undefined).test.each([
  ['before the estimate', 'kill -9 $PPID'],
  ['before the session is written', 'case $n in 2) kill -9 $PPID;; esac'],
  ['while the session is written', 'case $n in 2) (sleep 0.05; kill -9 $PPID) & ;; esac'],
  ['after the session is written', 'case $n in 2) "$real" "$@"; kill -9 $PPID; exit;; esac'],
  ['together with xorriso', 'case $n in 2) "$real" "$@" & child=$!; kill -9 $child $PPID; exit;; esac'],
])('the real process, killed by SIGKILL %s', async (when, script) => {
  const { folder, write, image, requireOldOrNew, requireComplete } = await place(true);
  const before = readFileSync(image);
  const stub = join(folder, 'xorriso');
  // The n-th call of the program; $PPID is the process under test.
  writeFileSync(
    stub,
    `#!/bin/sh\nreal='${real}'; echo x >>'${folder}/calls'; n=$(wc -l <'${folder}/calls' | tr -d ' ')\n${script}\nexec "$real" "$@"\n`,
  );
  chmodSync(stub, 0o755);
  const entry = fileURLToPath(new URL('../../dist/disc.mjs', import.meta.url));
  const program = `
    import { createWriter } from ${JSON.stringify(entry)};
    const writer = await createWriter({ deviceType: 'dvdwriter', mediaType: 'dvd+rw', targetDevice: ${JSON.stringify(image)}, xorriso: ${JSON.stringify(stub)} });
    writer.initializeImage({ newDisc: false, mediaLabel: 'X' });
    writer.addImageEntry(${JSON.stringify(join(folder, 'new'))}, '2026/11/18/new');
    await writer.writeImage();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  // A quick machine may have been done before the signal came.
  if (when !== 'while the session is written')
    expect([signal, readFileSync(image).equals(before)]).toEqual(['SIGKILL', true]);
  await requireOldOrNew(when);
  await write('new');
  await requireComplete(when);
  expect(readdirSync(folder).filter((name) => name.startsWith('.stowage-disc-'))).toEqual([]);
});
