import { mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { realFiles } from '../../durable/real-files.ts';
import type { Member } from '../../model/manifest.ts';
import type { IncomingEntry } from '../peers/peer.ts';
import { type WorkFolder, workFolder } from './work-folder.ts';
import { directFrom } from './write-content.ts';

const empty = new Uint8Array();
async function* nothing(): AsyncGenerator<Uint8Array> {}

function entry(path: string, content: string, more: Partial<IncomingEntry> = {}): IncomingEntry {
  const bytes = Buffer.from(content);
  const facts = { bytes: bytes.length, mtimeNs: 1_000_000_000_000n, mode: 0o644 };
  return { path, type: 'file', ...facts, content: nothing(), whole: () => bytes, ...more };
}
const special = { bytes: 0, whole: () => empty };

/** A work folder into which so many small files came that the next ones are written in groups. */
async function inGroups(deed: (take: (one: IncomingEntry) => Promise<void>, work: WorkFolder) => Promise<void>) {
  const path = await scratchFolder();
  const work = await workFolder(realFiles, path, {});
  const members = new Map<string, Member>();
  const take = (one: IncomingEntry) => work.takeSoon(one, (member) => void members.set(member.path, member));
  try {
    for (let at = 0; at < 40; at += 1) await take(entry(`first-${at}`, `${at}`));
    await deed(take, work);
    await work.all();
    await work.settle();
  } finally {
    await work.close();
  }
  return { path, members };
}

test('of two entries of one name the last counts', async () => {
  const { path, members } = await inGroups(async (take) => {
    for (const content of ['one', 'another', 'last']) await take(entry('twice', content));
    await take(entry('link', 'a file'));
    await take(entry('link', '', { ...special, type: 'link', target: 'elsewhere' }));
    await take(entry('file', '', { ...special, type: 'link', target: '/etc/passwd' }));
    await take(entry('file', 'a file'));
  });
  expect(readFileSync(`${path}/twice`, 'utf8')).toBe('last');
  expect(members.get('twice')).toMatchObject({ bytes: 4 });
  expect(readlinkSync(`${path}/link`)).toBe('elsewhere');
  expect(statSync(`${path}/file`).isFile()).toBe(true);
  expect(readFileSync('/etc/passwd', 'utf8')).not.toBe('a file');
});

test('a file in whose place a folder comes makes room', async () => {
  const { path } = await inGroups(async (take) => {
    await take(entry('a', 'a file'));
    await take(entry('a/b', 'below'));
  });
  expect(readFileSync(`${path}/a/b`, 'utf8')).toBe('below');
});

test('a further name is that of a file that came just before', async () => {
  const { path, members } = await inGroups(async (take) => {
    await take(entry('file', 'content'));
    await take(entry('again', '', { ...special, hardLink: 'file' }));
  });
  expect(statSync(`${path}/again`).ino).toBe(statSync(`${path}/file`).ino);
  expect(members.get('again')).toMatchObject({ bytes: 7, sha256: members.get('file')?.sha256 });
});

test('what cannot be written is thrown at the latest when all must be there', async () => {
  const path = await scratchFolder();
  const work = await workFolder(realFiles, path, {});
  mkdirSync(`${path}/in-the-way/sub`, { recursive: true });
  try {
    for (let at = 0; at < 300; at += 1) await work.takeSoon(entry(`file-${at}`, `${at}`), () => undefined);
    const taken = work.takeSoon(entry('in-the-way', 'x'), () => undefined);
    const refusal = /cannot stage 'in-the-way'/;
    // With one processor nothing is written by another thread, and what is thrown is thrown at once.
    if (availableParallelism() === 1) {
      await expect(taken).rejects.toThrow(refusal);
      return;
    }
    await taken;
    await expect(work.all()).rejects.toThrow(refusal);
    await expect(work.settle()).rejects.toThrow(refusal);
  } finally {
    await work.close();
  }
});

test.each(['rest', 'all'] as const)(
  'a large file that is copied beside has come when it is waited for: %s',
  async (which) => {
    const root = await scratchFolder();
    mkdirSync(`${root}/b`);
    writeFileSync(`${root}/b/a`, Buffer.alloc(directFrom, 'large '));
    let isNoted = false;
    await inGroups(async (_, work) => {
      const copier = work.copier(({ path }) => {
        isNoted = path === 'b/a';
      });
      const source = { peer: 'one', root };
      expect(await copier?.copyLarge(source, 'b/a', directFrom, undefined)).toBe(
        availableParallelism() > 1 || undefined,
      );
      await (which === 'all' ? work.all() : copier?.rest());
      expect(isNoted).toBe(copier !== undefined);
    });
  },
);
