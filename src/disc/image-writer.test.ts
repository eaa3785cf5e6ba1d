import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { growStrangeTree } from '../../test/ssh/strange-tree.ts';
import { lookAtTree } from '../../test/tree.ts';
import { realFiles } from '../durable/real-files.ts';
import { findProgram } from '../programs/find-program.ts';
import { blockBytes, blockSource } from './block-source.ts';
import { checkDisc } from './check-disc.ts';
import { type ImageWriterOptions, imageWriter } from './image-writer.ts';
import { buildMediaLabel } from './media-label.ts';
import { sessionsOf, type Volume } from './volume.ts';
import { shownBy } from './write-session.ts';

const hasXorriso = findProgram('xorriso') !== undefined;
const label = buildMediaLabel(new Date(2026, 10, 18));

/** An empty image, and a day with a peer beside it. */
async function place(options: Partial<ImageWriterOptions> = {}) {
  const folder = await scratchFolder();
  const image = `${folder}/disc.iso`;
  writeFileSync(image, '');
  const peer = `${folder}/stage/2026/11/18/one`;
  mkdirSync(peer, { recursive: true });
  writeFileSync(`${peer}/a.tar`, 'aaa');
  const writer = imageWriter(image, { files: realFiles, ...options });
  const write = (from: string, at: string, newDisc = false) => {
    writer.initializeImage({ newDisc, mediaLabel: label });
    writer.addImageEntry(from, at);
    return writer.writeImage();
  };
  return { folder, image, peer, writer, write, work: () => readdirSync(folder).filter((one) => one.startsWith('.')) };
}

/** What another program takes out of an image, to the second. */
function takenOut(image: string, folder: string) {
  mkdirSync(folder);
  execFileSync('bsdtar', ['-xpf', image, '-C', folder]);
  return plain(folder);
}

function plain(folder: string) {
  return new Map(
    [...lookAtTree(folder)]
      .map(([path, { shared: _, mtimeNs, ...one }]) => [path, { ...one, seconds: mtimeNs / 1_000_000_000n }] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

needing(hasXorriso).describe('an image', () => {
  test('holds what was grafted, under its label, as other programs read it', async () => {
    const { folder, image, peer, write, work } = await place();
    growStrangeTree(peer);
    const { verdict } = await write(`${folder}/stage/2026/11/18/one`, '2026/11/18/one');
    expect(verdict).toMatchObject({ label: 'CEDAR BACKUP 18-NOV-2026', sessions: 1, faults: [] });
    expect(work()).toEqual([]);
    takenOut(image, `${folder}/out`);
    expect(plain(`${folder}/out/2026/11/18/one`)).toEqual(plain(peer));
    expect(readdirSync(`${folder}/out`)).toEqual(['2026']);
  });

  test('is appended to, and shows all that it held', async () => {
    const { folder, image, peer, write } = await place();
    await write(peer, '2026/11/18/one');
    const before = readFileSync(image);
    mkdirSync(`${folder}/two`);
    writeFileSync(`${folder}/two/b.tar`, 'bbb');
    const { verdict } = await write(`${folder}/two`, '2026/11/18/two');
    expect(verdict).toMatchObject({ sessions: 2, files: 1, faults: [] });
    expect([...(await shownBy(image)).keys()].sort()).toEqual(
      ['', '/11', '/11/18', '/11/18/one', '/11/18/one/a.tar', '/11/18/two', '/11/18/two/b.tar'].map(
        (one) => `2026${one}`,
      ),
    );
    // The first session is as it was, block for block.
    const source = await blockSource(image);
    const [{ start, blocks }] = (await sessionsOf(source)) as [Volume];
    await source.close();
    const first = [start * blockBytes, (start + blocks) * blockBytes] as const;
    expect(
      readFileSync(image)
        .subarray(...first)
        .equals(before.subarray(...first)),
    ).toBe(true);
    expect((await checkDisc(image, { allSessions: true })).faults).toEqual([]);
    expect(takenOut(image, `${folder}/out`).get('2026/11/18/one/a.tar')).toEqual(plain(peer).get('a.tar'));
  });

  test('a newer file of the same name is the one that is shown; the older session keeps the old one', async () => {
    const { image, peer, write } = await place();
    await write(peer, '2026/11/18/one');
    writeFileSync(`${peer}/a.tar`, 'newer');
    expect((await write(peer, '2026/11/18/one')).verdict?.faults).toEqual([]);
    expect((await shownBy(image)).get('2026/11/18/one/a.tar')?.bytes).toBe(5);
    const old = execFileSync(
      'xorriso',
      ['-osirrox', 'on', '-load', 'session', '1', '-indev', `stdio:${image}`, '-lsl', '/2026/11/18/one/a.tar'],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(String(old)).toMatch(/ 3 /);
  });

  test('begun anew holds the new alone', async () => {
    const { folder, image, peer, write } = await place();
    await write(peer, '2026/11/18/one');
    mkdirSync(`${folder}/empty`);
    expect((await write(`${folder}/empty`, 'CedarBackup', true)).verdict).toMatchObject({ sessions: 1, faults: [] });
    expect([...(await shownBy(image)).keys()]).toEqual(['CedarBackup']);
  });

  test('keeps its mode, and is refused where it is no image', async () => {
    const { folder, image, peer, write } = await place();
    chmodSync(image, 0o640);
    await write(peer, 'x');
    expect(statSync(image).mode & 0o777).toBe(0o640);
    writeFileSync(image, 'a letter');
    await expect(write(peer, 'x', true)).rejects.toMatchObject({ code: 'refused' });
    expect(readFileSync(image, 'utf8')).toBe('a letter');
    const other = imageWriter(`${folder}/none.iso`, { files: realFiles });
    other.initializeImage({ newDisc: true });
    other.addImageEntry(peer);
    await expect(other.writeImage()).rejects.toMatchObject({ code: 'missing' });
  });

  test('too large for the medium: both sizes, and nothing is written', async () => {
    const { image, peer, write, writer } = await place({ media: 'cdrw-74' });
    truncateSync(`${peer}/a.tar`, 700 * 1024 * 1024);
    const before = statSync(image, { bigint: true });
    await expect(write(peer, 'x')).rejects.toMatchObject({
      code: 'full',
      message: expect.stringMatching(/^the image \(700\.\d\d MB\) does not fit into what is free \(627\.73 MB\)$/),
    });
    expect(statSync(image, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
    expect(await writer.retrieveCapacity({ entireDisc: true })).toEqual({
      total: 650 * 1024 * 1024,
      used: 0,
      available: 650 * 1024 * 1024 - 11_400 * 2048,
    });
  });

  test('what is not what its known digest says is told, and the image is as it was', async () => {
    const { image, peer, writer, work } = await place();
    writer.initializeImage({ newDisc: false });
    writer.addImageEntry(peer, 'x');
    const digests = new Map([['x/a.tar', 'f'.repeat(64)]]);
    await expect(writer.writeImage({ digests })).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining("'x/a.tar' on the disc: its content is not what was written"),
    });
    expect([statSync(image).size, work()]).toEqual([0, []]);
  });
});

needing(hasXorriso).describe('what a disc cannot carry is refused, all at once, before anything is written', () => {
  test.each([
    ['a pipe', (peer: string) => execFileSync('mkfifo', [`${peer}/p`]), "/p': it is a pipe"],
    ['a target with a slash behind it', (peer: string) => symlinkSync('there/', `${peer}/l`), 'ends in a slash'],
    ['a long target', (peer: string) => symlinkSync('t/'.repeat(512), `${peer}/l`), 'longer than 1023'],
    ['a target with a long part', (peer: string) => symlinkSync('t'.repeat(256), `${peer}/l`), 'part of its target'],
    [
      'a long path',
      (peer: string) => mkdirSync(`${peer}/${Array(6).fill('d'.repeat(200)).join('/')}`, { recursive: true }),
      'longer than 1023 bytes',
    ],
  ])('%s', async (_, put, expected) => {
    const { image, peer, write } = await place();
    put(peer);
    await expect(write(peer, '2026/11/18/one')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(expected),
    });
    expect(statSync(image).size).toBe(0);
  });

  test('the longest that it can carry is carried', async () => {
    const { image, peer, write } = await place();
    const deep = `${Array(4).fill('d'.repeat(250)).join('/')}/${'e'.repeat(1023 - 4 * 251 - '2026/11/18/one/'.length)}`;
    mkdirSync(`${peer}/${deep}`, { recursive: true });
    symlinkSync(`${'t/'.repeat(511)}t`, `${peer}/l`);
    symlinkSync('u'.repeat(255), `${peer}/m`);
    utimesSync(`${peer}/a.tar`, '-1000000000', '-1000000000');
    expect((await write(peer, '2026/11/18/one')).verdict?.faults).toEqual([]);
    expect((await shownBy(image)).has(`2026/11/18/one/${deep}`)).toBe(true);
  });
});

/** An xorriso that breaks down after so many of its sessions were written. */
function breaking(folder: string, times: number): string {
  const path = `${folder}/xorriso`;
  const script = [
    '#!/bin/sh',
    'in=$(cat)',
    `printf '%s\\n' "$in" | ${findProgram('xorriso')} "$@" || exit`,
    `case "$in" in *-commit*) echo >>'${folder}/sessions'; [ "$(wc -l <'${folder}/sessions')" -gt ${times} ] || kill -SEGV $$;; esac`,
  ];
  writeFileSync(path, `${script.join('\n')}\n`, { mode: 0o755 });
  return path;
}

test('a session in which xorriso breaks down is begun again, once', async () => {
  const folder = await scratchFolder();
  const { image, peer, write, work } = await place({ xorriso: breaking(folder, 1) });
  await write(peer, '2026/11/18/one');
  expect(readFileSync(`${folder}/sessions`, 'utf8')).toBe('\n\n');
  expect([...(await shownBy(image)).keys()]).toContain('2026/11/18/one/a.tar');
  const source = await blockSource(image);
  expect(await sessionsOf(source).finally(() => source.close())).toHaveLength(1);
  expect(work()).toEqual([]);
});

test('and if it breaks down again, that is an error, and the image is as it was', async () => {
  const folder = await scratchFolder();
  const { image, peer, write, work } = await place({ xorriso: breaking(folder, 2) });
  await expect(write(peer, '2026/11/18/one')).rejects.toMatchObject({ code: 'program' });
  expect(statSync(image).size).toBe(0);
  expect(work()).toEqual([]);
});
