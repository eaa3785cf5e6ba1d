import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { findProgram } from '../programs/find-program.ts';
import { checkDisc } from './check-disc.ts';
import { createWriter, type DiscSettings } from './create-writer.ts';
import { parsedState, requireProfile, usableTarget } from './drive.ts';
import { driveWriter } from './drive-writer.ts';
import { type DiscMedia, discMedia, mediumOf } from './media.ts';
import { buildMediaLabel } from './media-label.ts';
import { shownBy } from './write-session.ts';

const hasXorriso = findProgram('xorriso') !== undefined;

test.each([
  [new Date(2026, 10, 18, 23, 59), 'CEDAR BACKUP 18-NOV-2026'],
  [new Date(2005, 1, 3), 'CEDAR BACKUP 03-FEB-2005'],
])('the label of a disc of %s', (day, expected) => {
  expect(buildMediaLabel(day)).toBe(expected);
});

test('each kind of media is written by one kind of drive', async () => {
  const target = `${await scratchFolder()}/disc.iso`;
  writeFileSync(target, '');
  for (const mediaType of discMedia) {
    for (const deviceType of ['cdwriter', 'dvdwriter', 'bdwriter'] as const) {
      const made = createWriter({ mediaType, deviceType, targetDevice: target });
      if (deviceType === mediumOf(mediaType).device) await expect(made).resolves.toBeDefined();
      else await expect(made).rejects.toMatchObject({ code: 'configuration' });
    }
  }
});

test('a target that is not there, is mounted, or is a directory is refused', async () => {
  const folder = await scratchFolder();
  const settings = (targetDevice: string): DiscSettings => ({
    deviceType: 'dvdwriter',
    mediaType: 'dvd+rw',
    targetDevice,
  });
  await expect(createWriter(settings(`${folder}/none`))).rejects.toMatchObject({ code: 'missing' });
  await expect(createWriter(settings(folder))).rejects.toMatchObject({ code: 'refused' });
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[0]!);
  const device = mounted.find((one) => one.startsWith('/dev/'));
  if (device !== undefined)
    await expect(usableTarget(device)).rejects.toMatchObject({ code: 'refused', message: `'${device}' is mounted` });
});

// What xorriso 1.5.4 says, by its manual and for a file; the words for discs are those of libburn's profiles.
const said = (profile: string, status: string, more = '') =>
  `Drive current: -dev '/dev/sr0'\nMedia current: ${profile}\nMedia status : ${status}\n${more}Media nwa    : 1888s\n`;
const toc =
  'ISO session  :   1 ,        32 ,      1538s , CEDAR BACKUP 18-NOV-2026\nISO session  :   2 ,      1600 ,       261s , X\n';

test('what xorriso says of a drive', () => {
  expect(parsedState(said('DVD+RW', 'is written , is appendable', toc))).toEqual({
    profile: 'DVD+RW',
    isBlank: false,
    isAppendable: true,
    nextBlock: 1888,
    sessions: [32, 1600],
  });
  expect(parsedState(said('CD-R', 'is blank'))).toMatchObject({ isBlank: true, sessions: [] });
  expect(parsedState(said('DVD+R', 'is written , is closed'))).toMatchObject({ isAppendable: false });
  expect(() => parsedState(said('is not present', 'is not recognizable'))).toThrow('no medium');
});

test.each<[DiscMedia, string, boolean]>([
  ['dvd+rw', 'DVD+RW', true],
  ['dvd+rw', 'DVD+R', false],
  ['dvd+r', 'DVD+R', true],
  ['dvd+r', 'DVD+R/DL', true],
  ['dvd+r', 'DVD+RW', false],
  ['cdr-80', 'CD-R', true],
  ['cdr-80', 'CD-RW', false],
  ['cdr-80', 'CD-ROM', false],
  ['cdrw-74', 'CD-RW', true],
  ['bd-r', 'BD-R sequential recording', true],
  ['bd-r', 'BD-RE', false],
  ['bd-re', 'BD-RE', true],
])('a %s is expected, a %s lies there', (media, profile, fits) => {
  const check = () => requireProfile('/dev/sr0', parsedState(said(profile, 'is blank')), media);
  if (fits) expect(check).not.toThrow();
  else expect(check).toThrow(`lies a ${profile}, not a '${media}'`);
});

needing(hasXorriso).test('sessions are written in place, as on a drive', async () => {
  const folder = await scratchFolder();
  const medium = `${folder}/medium`;
  writeFileSync(medium, '');
  const { ino } = statSync(medium);
  const writer = driveWriter(medium, { media: 'dvd+rw', address: `stdio:${medium}` });
  const write = (name: string, newDisc = false) => {
    mkdirSync(`${folder}/${name}`);
    writeFileSync(`${folder}/${name}/file`, name.repeat(1000));
    writer.initializeImage({ newDisc, mediaLabel: 'CEDAR BACKUP 18-NOV-2026' });
    writer.addImageEntry(`${folder}/${name}`, `2026/11/18/${name}`);
    return writer.writeImage();
  };
  expect((await write('one')).verdict).toMatchObject({ sessions: 1, faults: [] });
  expect((await write('two')).verdict).toMatchObject({ sessions: 2, files: 1, faults: [] });
  const { used, available, total } = await writer.retrieveCapacity();
  expect(used).toBeGreaterThan(0);
  expect(used + available).toBe(total);
  expect((await checkDisc(medium)).faults).toEqual([]);
  expect([...(await shownBy(medium)).keys()]).toContain('2026/11/18/one/file');
  expect((await write('three', true)).verdict).toMatchObject({ sessions: 1, faults: [] });
  expect([...(await shownBy(medium)).keys()]).not.toContain('2026/11/18/one');
  expect(statSync(medium).ino).toBe(ino);
});

needing(hasXorriso).test('a link to an image leads to it and stays', async () => {
  const folder = await scratchFolder();
  writeFileSync(`${folder}/disc.iso`, '');
  symlinkSync('disc.iso', `${folder}/current`);
  mkdirSync(`${folder}/one`);
  const writer = await createWriter({
    deviceType: 'dvdwriter',
    mediaType: 'dvd+rw',
    targetDevice: `${folder}/current`,
  });
  writer.initializeImage({ newDisc: true, mediaLabel: 'X' });
  writer.addImageEntry(`${folder}/one`, '/one/');
  expect((await writer.writeImage()).verdict?.faults).toEqual([]);
  expect([...(await shownBy(`${folder}/disc.iso`)).keys()]).toEqual(['one']);
});
