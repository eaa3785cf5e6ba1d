import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { findProgram } from '../programs/find-program.ts';
import { type DriveWriterOptions, driveWriter } from './drive-writer.ts';
import { shownBy } from './write-session.ts';

const real = findProgram('xorriso');
const { test } = needing(real !== undefined);

/** A file in place of a drive: the real xorriso is told that it is one, and what it and `eject` are asked for is kept. */
async function place(options: Partial<DriveWriterOptions> = {}) {
  const folder = await scratchFolder();
  const drive = `${folder}/sr0`;
  writeFileSync(drive, '');
  mkdirSync(`${folder}/day`);
  writeFileSync(`${folder}/day/a.tar`, 'aaa');
  const program = (name: string, lines: readonly string[]) => {
    writeFileSync(`${folder}/${name}`, `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o755 });
    return `${folder}/${name}`;
  };
  const xorriso = program('xorriso', [
    `in=$(cat); case "$in" in *-commit*) printf '%s\\n' "$in" >>'${folder}/said' ;; esac`,
    `printf '%s\\n' "$in" | sed 's#"${drive}"#"stdio:${drive}"#' | exec '${real}' "$@"`,
  ]);
  const eject = program('eject', [`echo "$@" >>'${folder}/ejected'`]);
  const writer = driveWriter(drive, { media: 'dvd+rw', xorriso, eject, ...options });
  const kept = (name: string) => {
    const path = `${folder}/${name}`;
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    return lines.map((line) => line.replaceAll(folder, ''));
  };
  const write = async (at: string, newDisc = false) => {
    writer.initializeImage({ newDisc, mediaLabel: 'X' });
    writer.addImageEntry(`${folder}/day`, at);
    return writer.writeImage();
  };
  return { folder, drive, write, said: () => kept('said'), ejected: () => kept('ejected'), program };
}

test('a drive is told how fast, that more will follow, and to begin anew what can be; then it takes the disc in again', async () => {
  const { drive, write, said, ejected } = await place({ driveSpeed: 4, ejectDelay: 0, refreshMediaDelay: 0 });
  expect((await write('one')).verdict).toMatchObject({ sessions: 1, faults: [] });
  expect(said().slice(0, 3)).toEqual(['-dev "/sr0"', '-speed "4xDVD"', '-close "off"']);
  expect(ejected()).toEqual(['/sr0', '-t /sr0', '-i off /sr0']);
  expect((await write('two')).verdict).toMatchObject({ sessions: 2, faults: [] });
  const before = said().length;
  expect((await write('three', true)).verdict).toMatchObject({ sessions: 1, faults: [] });
  expect(said().slice(before, before + 4)).toEqual([
    '-outdev "/sr0"',
    '-blank "as_needed"',
    '-speed "4xDVD"',
    '-close "off"',
  ]);
  expect([...(await shownBy(drive)).keys()]).toEqual(['three', 'three/a.tar']);
});

test('a drive that cannot open by itself is only unlocked, and as fast as it likes if nothing is said', async () => {
  const { write, said, ejected } = await place({ noEject: true, ejectDelay: 3600, refreshMediaDelay: 3600 });
  await write('one');
  expect(ejected()).toEqual(['-i off /sr0']);
  expect(said().slice(0, 2)).toEqual(['-dev "/sr0"', '-close "off"']);
});

test('a disc that is written once is not begun anew', async () => {
  const { write, said } = await place({ media: 'dvd+r' });
  await write('one');
  const before = said();
  await expect(write('two', true)).rejects.toMatchObject({ code: 'refused', hint: 'put in a blank one' });
  expect(said()).toEqual(before);
  expect(before.join()).not.toContain('-blank');
});

test('a tray that does not open is an error, and what was written stays', async () => {
  const stuck = await place();
  stuck.program('eject', ['echo "eject: unable to eject" >&2; exit 1']);
  await expect(stuck.write('one')).rejects.toMatchObject({ code: 'program' });
  expect([...(await shownBy(stuck.drive)).keys()]).toEqual(['one', 'one/a.tar']);
});
