import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { checkDisc } from '../../src/disc/check-disc.ts';
import type { FileOperations } from '../../src/durable/file-operations.ts';
import { realFiles } from '../../src/durable/real-files.ts';
import { storeKey } from '../../src/model/store-key.ts';
import { findProgram } from '../../src/programs/find-program.ts';
import { keysOf, publish, put, read } from '../../src/store/contract-checks.ts';
import { discStore } from '../../src/stores/disc.ts';
import { builtCli, runCli, runProgram } from '../built-cli.ts';
import { countingFiles, failingFiles, isKilled, killedFiles } from '../failing-files.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { changeTree, type SmallProject, section, smallKeys, smallProject } from '../small-project.ts';

const real = findProgram('xorriso');
const { test } = needing(real !== undefined);
beforeAll(() => void builtCli());

const [kept, replaced, fresh] = ['data/kept', 'data/replaced', 'data/fresh'].map(storeKey) as [
  ReturnType<typeof storeKey>,
  ReturnType<typeof storeKey>,
  ReturnType<typeof storeKey>,
];

/** An image with two archives, and a run that replaces one and adds one. */
async function begun() {
  const folder = await scratchFolder();
  const image = join(folder, 'disc.iso');
  writeFileSync(image, '');
  const store = discStore(image);
  const written = [await store.write(kept, [Buffer.from('kept')]), await store.write(replaced, [Buffer.from('old')])];
  const [, old] = await publish(store, written);
  return { image, version: old!.object.version };
}

async function goOn(image: string, version: string, files: FileOperations = realFiles): Promise<void> {
  const store = discStore(image, { files });
  const written = [await store.write(replaced, [Buffer.from('new')]), await store.write(fresh, [Buffer.from('fresh')])];
  await publish(store, written, [[replaced, version]]);
}

/** Old or new as a whole, nothing half; returns which. */
async function requireOldOrNew(image: string, when: string): Promise<'old' | 'new'> {
  const store = discStore(image);
  const is = (await read(store, replaced)) as 'old' | 'new';
  expect(is, when).toMatch(/^(old|new)$/);
  expect(await keysOf(store, ''), when).toEqual(is === 'old' ? [kept, replaced] : [fresh, kept, replaced].sort());
  expect(await read(store, kept), when).toBe('kept');
  return is;
}

test('a session of archives, killed or failed at any step, is whole or not there, and the next run completes', async () => {
  const { image, version } = await begun();
  const place = async () => {
    const copy = join(await scratchFolder(), 'disc.iso');
    cpSync(image, copy);
    return copy;
  };
  const counted = countingFiles(realFiles);
  await goOn(await place(), version, counted.files);
  // Those of a lock, and looks before anything is written, are held elsewhere.
  const steps = counted.log.flatMap((line, index) => (line.includes('session.lock') ? [] : [{ line, at: index + 1 }]));
  expect(steps.length).toBeGreaterThan(25);
  for (const { line, at } of steps.filter((_, index) => index % 3 === 0 || index > steps.length - 6)) {
    const when = `step ${at}, ${line}`;
    const killed = await place();
    const error = await goOn(killed, version, killedFiles(realFiles, { at })).catch((one: unknown) => one);
    if (error !== undefined) expect(isKilled(error), when).toBe(true);
    // This process holds it still: one that was really killed is seen to be dead.
    rmSync(`${killed}.spool/session.lock`, { force: true });
    const is = await requireOldOrNew(killed, when);
    for await (const one of discStore(killed).debris()) await discStore(killed).discard(one);
    if (is === 'old') await goOn(killed, version);
    expect(await requireOldOrNew(killed, when), when).toBe('new');
    const left = (readdirSync(join(killed, '..'), { recursive: true }) as string[]).filter(
      (one) => !/lock|session-|\.stowage-disc-|\.iso(\.spool)?$/.test(one),
    );
    expect(left, when).toEqual([]);
  }
  for (const { line, at } of steps.filter(({ line }) => /^(open|write|sync|rename|syncFolder|mkdir)/.test(line))) {
    if (at % 5 > 0) continue;
    const full = await place();
    const when = `no room at step ${at}, ${line}`;
    const error = await goOn(full, version, failingFiles(realFiles, { at, error: 'ENOSPC' })).catch(
      (one: unknown) => one,
    );
    expect(error, when).toMatchObject({ code: 'full' });
    // Named, and not yet durable under its name: that is new already.
    await requireOldOrNew(full, when);
  }
});

/** The small project, on a disc. */
async function discProject(): Promise<SmallProject & { readonly image: string }> {
  const small = smallProject(await scratchFolder());
  const image = join(small.folder, 'disc.iso');
  const configuration = JSON.parse(readFileSync(small.config, 'utf8'));
  configuration.__config__.store = 'disc:disc.iso';
  writeFileSync(small.config, JSON.stringify(configuration));
  writeFileSync(image, '');
  return { ...small, image };
}

/** A folder with a program xorriso that runs a script first; `$n` is the how manieth call it is. */
function stubbed(folder: string, script: string): string {
  mkdirSync(join(folder, 'bin'));
  const text = `#!/bin/sh\nreal='${real}'; echo x >>'${folder}/calls'; n=$(wc -l <'${folder}/calls' | tr -d ' ')\n${script}\nexec "$real" "$@"\n`;
  writeFileSync(join(folder, 'bin/xorriso'), text);
  chmodSync(join(folder, 'bin/xorriso'), 0o755);
  return join(folder, 'bin');
}

test.each([
  ['after its session is written', 'case $n in 2) "$real" "$@"; kill -9 $PPID; exit;; esac'],
  ['before its journal is copied', 'case $n in 3) kill -9 $PPID;; esac'],
])('archive, killed by SIGKILL %s and run again, is as if it had not been', async (_, script) => {
  const small = await discProject();
  expect((await runCli('archive', small.config, section)).status).toBe(0);
  changeTree(small);
  const bin = stubbed(small.folder, script);
  const path = `PATH=${bin}:${process.env.PATH}`;
  const killed = await runProgram('env', [path, process.execPath, builtCli(), 'archive', small.config, section]);
  expect(killed.status).toBeNull();
  const again = await runCli('archive', small.config, section);
  expect(again.status, again.err).toBe(0);
  expect(JSON.stringify(await keysOf(discStore(small.image), 'data/'))).toBe(
    JSON.stringify([...smallKeys, 'data/raw_3.tar'].sort()),
  );
  expect((await runCli('verify', small.config, section, '--level', 'read')).status).toBe(0);
  expect((await checkDisc(small.image, { allSessions: true })).faults).toEqual([]);
  // From the disc alone.
  const other = join(small.folder, 'other');
  expect((await runCli('rebuild-catalog', small.config, '--state', other)).status).toBe(0);
  const missing = await runCli('missing', small.config, section, '--state', other);
  expect([missing.status, missing.out]).toEqual([
    0,
    expect.stringContaining('5 archives up to date, nothing is missing'),
  ]);
  const waiting = readdirSync(join(small.folder, 'disc.iso.spool')).filter((one) => !one.includes('lock'));
  expect(waiting).toEqual([]);
});

test('many archives are one session, and their journal one more', async () => {
  const small = await discProject();
  expect((await runCli('archive', small.config, section)).status).toBe(0);
  expect(await put(discStore(small.image), storeKey('data/x'), 'x')).toBeDefined();
  expect((await checkDisc(small.image)).sessions).toBe(3);
});
