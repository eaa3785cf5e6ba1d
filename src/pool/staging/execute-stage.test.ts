import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { collect, type SmallPool, said, smallPool, type TestPeer } from '../../../test/small-pool.ts';
import { hasSshd, loopbackSshd } from '../../../test/ssh/loopback-sshd.ts';
import { growStrangeTree } from '../../../test/ssh/strange-tree.ts';
import { lookAtTree, type Seen } from '../../../test/tree.ts';
import { isFailure, type PoolEvent } from '../pool-event.ts';
import { executeStage, type StageOptions } from './execute-stage.ts';
import { manifestPath, readManifest } from './staged-manifest.ts';

const stage = (pool: SmallPool, options: StageOptions = {}, more = {}) =>
  said(executeStage(pool.run(more), { pause: async () => undefined, ...options }));
const told = (events: readonly PoolEvent[]) => events.map(({ level, deed }) => `${level} ${deed}`);

/** To the microsecond, as Node sets times; without the indicator that we write, and which names are one file. */
function comparable(folder: string): Map<string, Seen> {
  const tree = lookAtTree(folder);
  tree.delete('cback.stage');
  return new Map([...tree].map(([path, { shared: _, ...one }]) => [path, { ...one, mtimeNs: one.mtimeNs / 1000n }]));
}

/** So many small files that they are written in groups, and a few that are not small. */
function growMany(folder: string): void {
  collect(folder, {});
  for (let at = 0; at < 400; at += 1) {
    const above = `${folder}/folder-${at % 3}`;
    mkdirSync(above, { recursive: true });
    const path = Buffer.concat([Buffer.from(`${above}/file ${at}\n'`), Buffer.from(at % 7 === 0 ? [0xff] : [])]);
    writeFileSync(path, Buffer.alloc(at === 200 ? 300_000 : (at * 37) % 5000, `content ${at} `));
    chmodSync(path, [0o644, 0o600, 0o755][at % 3]!);
    utimesSync(path, 1000 + at, 1000.25 + at);
  }
  linkSync(`${folder}/folder-1/file 1\n'`, `${folder}/folder-2/again`);
  symlinkSync('/no/such', `${folder}/folder-2/link`);
}

/** What holds for a peer of this machine holds for one behind ssh. */
const kinds = [
  { kind: 'a local peer', there: true, peer: async (): Promise<TestPeer> => ({ name: 'one' }) },
  {
    kind: 'a remote peer',
    there: hasSshd,
    peer: async (): Promise<TestPeer> => ({ name: '127.0.0.1', remote: await loopbackSshd() }),
  },
];

for (const { kind, there, peer: peerOf } of kinds) {
  needing(there).describe(kind, () => {
    async function onePeer(more: Partial<TestPeer> = {}) {
      const peer = { ...(await peerOf()), ...more };
      const pool = await smallPool([peer]);
      return { pool, from: pool.collectDir(peer.name), to: `${pool.day}/${peer.name}`, name: peer.name };
    }

    test('that is ready is in the day, whole, and both sides are told so', async () => {
      const { pool, from, to, name } = await onePeer();
      collect(from, { 'a.tar': 'aaa', '.dot': 'd' });
      const events = await stage(pool);
      expect(told(events)).toEqual(['info begun', 'info staged', 'info done']);
      expect(events[1]).toMatchObject({ peer: name, files: 3, bytes: 4, day: '2026/11/18' });
      expect(readdirSync(pool.day).sort()).toEqual([name, 'cback.stage'].sort());
      expect(readdirSync(to).sort()).toEqual(['.dot', 'a.tar', 'cback.collect']);
      expect(readFileSync(`${to}/a.tar`, 'utf8')).toBe('aaa');
      expect(existsSync(`${from}/cback.stage`)).toBe(true);
      expect(readdirSync(pool.stagingDir)).toEqual(['2026']);
      expect(readdirSync(`${pool.folder}/work`)).toEqual([]);
      const manifest = await readManifest(manifestPath(pool.stateDir, '2026/11/18', name));
      expect([...manifest!.members.keys()]).toEqual(['.dot', 'a.tar', 'cback.collect']);
      const digest = '9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0';
      expect(manifest!.members.get('a.tar')?.sha256).toBe(digest);
      expect(manifest).toMatchObject({ peer: name, provenByPeer: kind === 'a remote peer' });
    });

    test('is staged with all names, types, modes and times', async () => {
      const { pool, from, to, name } = await onePeer();
      growStrangeTree(from);
      expect(told(await stage(pool))).toEqual(['info begun', 'info staged', 'info done']);
      expect(comparable(to)).toEqual(comparable(from));
      const { members } = (await readManifest(manifestPath(pool.stateDir, '2026/11/18', name)))!;
      for (const [path, { sha256, type }] of comparable(to)) {
        expect(members.get(path)).toMatchObject(type === 'file' ? { type, sha256 } : { type });
      }
    });

    test('is staged with all of its many small files, and with the large ones between them', async () => {
      const { pool, from, to, name } = await onePeer();
      growMany(from);
      expect(told(await stage(pool))).toEqual(['info begun', 'info staged', 'info done']);
      expect(comparable(to)).toEqual(comparable(from));
      const { members } = (await readManifest(manifestPath(pool.stateDir, '2026/11/18', name)))!;
      for (const [path, { sha256, type }] of comparable(to)) {
        expect(members.get(path)).toMatchObject(type === 'file' ? { type, sha256 } : { type });
      }
      expect((await stage(pool))[1]?.text).toContain('none of them new');
    });

    test('with a pipe among many small files is not staged, and once it is gone what has come is of use', async () => {
      const { pool, from, to } = await onePeer();
      growMany(from);
      const { execFileSync } = await import('node:child_process');
      execFileSync('mkfifo', [`${from}/folder-1/pipe`]);
      expect((await stage(pool))[1]).toMatchObject({ level: 'error', deed: 'peer-failed' });
      expect(existsSync(pool.day)).toBe(false);
      rmSync(`${from}/folder-1/pipe`);
      expect(told(await stage(pool))).toEqual(['info begun', 'info staged', 'info done']);
      expect(comparable(to)).toEqual(comparable(from));
      expect(readdirSync(pool.stagingDir)).toEqual(['2026']);
    });

    test('run again: nothing is sent, nothing changes', async () => {
      const { pool, from, to } = await onePeer();
      growStrangeTree(from);
      await stage(pool);
      const [before, times] = [comparable(to), statSync(`${pool.day}/cback.stage`).mtimeMs];
      const inodes = readdirSync(to, 'buffer').map((one) => lstatSync(Buffer.concat([Buffer.from(`${to}/`), one])).ino);
      const events = await stage(pool);
      expect(events[1]?.text).toContain('none of them new');
      expect(comparable(to)).toEqual(before);
      expect(statSync(`${pool.day}/cback.stage`).mtimeMs).toBe(times);
      expect(
        readdirSync(to, 'buffer').map((one) => lstatSync(Buffer.concat([Buffer.from(`${to}/`), one])).ino),
      ).toEqual(inodes);
    });

    test('run again: what changed is replaced and kept beside it, what is new is added, what has gone is told and kept', async () => {
      const { pool, from, to, name } = await onePeer();
      collect(from, { 'a.tar': 'aaa', 'b.tar': 'bbb', same: 's' });
      await stage(pool);
      rmSync(`${from}/b.tar`);
      writeFileSync(`${from}/a.tar`, 'changed');
      mkdirSync(`${from}/sub`);
      writeFileSync(`${from}/sub/new`, 'n');
      const events = await stage(pool);
      expect(told(events)).toEqual(['info begun', 'warning gone', 'info kept', 'info staged', 'info done']);
      expect(events[1]).toMatchObject({ path: 'b.tar', failed: false });
      expect(events[2]).toMatchObject({ path: 'a.tar.earlier-1' });
      expect(readFileSync(`${to}/a.tar`, 'utf8')).toBe('changed');
      expect(readFileSync(`${to}/a.tar.earlier-1`, 'utf8')).toBe('aaa');
      expect(readFileSync(`${to}/b.tar`, 'utf8')).toBe('bbb');
      expect(readFileSync(`${to}/sub/new`, 'utf8')).toBe('n');
      // And once more: it is still known to have gone, and what was kept is neither told again nor forgotten.
      expect(told(await stage(pool))).toEqual(['info begun', 'warning gone', 'info staged', 'info done']);
      writeFileSync(`${from}/a.tar`, 'again');
      await stage(pool);
      expect(readFileSync(`${to}/a.tar.earlier-1`, 'utf8')).toBe('aaa');
      expect(readFileSync(`${to}/a.tar.earlier-2`, 'utf8')).toBe('changed');
      const { members } = (await readManifest(manifestPath(pool.stateDir, '2026/11/18', name)))!;
      expect([...members.keys()].sort()).toEqual(
        ['a.tar', 'a.tar.earlier-1', 'a.tar.earlier-2', 'b.tar', 'cback.collect', 'same', 'sub', 'sub/new'].sort(),
      );
    });

    test('a content that changed with its size and time as they were is seen where the peer can hash', async () => {
      const { pool, from, to } = await onePeer();
      collect(from, { 'a.tar': 'aaa' });
      utimesSync(`${from}/a.tar`, 1000, 1000);
      await stage(pool);
      writeFileSync(`${from}/a.tar`, 'bbb');
      utimesSync(`${from}/a.tar`, 1000, 1000);
      await stage(pool);
      expect(readFileSync(`${to}/a.tar`, 'utf8')).toBe(kind === 'a remote peer' ? 'bbb' : 'aaa');
    });

    test('goes on where a stopped run was', async () => {
      const { pool, from, to, name } = await onePeer();
      collect(from, { 'a.tar': 'aaa', 'b.tar': 'bbb' });
      utimesSync(`${from}/a.tar`, 1000, 1000);
      utimesSync(`${from}/b.tar`, 1000, 1000);
      const work = `${pool.stagingDir}/.stowage-stage/2026-11-18/${name}`;
      mkdirSync(`${work}/old`, { recursive: true });
      // One is whole, one has its time and not its content, one is half, one is of no use any more.
      writeFileSync(`${work}/a.tar`, 'aaa');
      writeFileSync(`${work}/b.tar`, kind === 'a remote peer' ? 'xxx' : 'bb');
      writeFileSync(`${work}/cback.collect`, 'half');
      writeFileSync(`${work}/old/gone`, 'gone');
      for (const one of ['a.tar', 'b.tar']) utimesSync(`${work}/${one}`, 1000, 1000);
      const { ino } = statSync(`${work}/a.tar`);
      mkdirSync(`${pool.stagingDir}/.stowage-stage/2026-11-17/other`, { recursive: true });
      await stage(pool);
      expect(comparable(to)).toEqual(comparable(from));
      expect(statSync(`${to}/a.tar`).ino).toBe(ino);
      expect(readdirSync(pool.stagingDir)).toEqual(['2026']);
    });

    test('that is not ready leaves no trace in the day, and is a failure', async () => {
      const { pool, from } = await onePeer();
      writeFileSync(`${from}/a.tar`, 'aaa');
      const events = await stage(pool);
      expect(told(events)).toEqual(['info begun', 'error not-ready', 'info done']);
      expect(events.some(isFailure)).toBe(true);
      expect(events[1]?.reason).toBe('it has not collected yet');
      expect(readdirSync(pool.stagingDir)).toEqual([]);
      expect(existsSync(`${from}/cback.stage`)).toBe(false);
      rmSync(from, { recursive: true });
      expect((await stage(pool))[1]?.reason).toContain('no such collect directory');
    });

    test('that has nothing but its indicator is staged', async () => {
      const { pool, from, to } = await onePeer();
      collect(from, {});
      expect((await stage(pool))[1]).toMatchObject({ deed: 'staged', files: 1 });
      expect(readdirSync(to)).toEqual(['cback.collect']);
    });

    test('with a pipe in it is not staged, and the pipe is named', async () => {
      const { pool, from } = await onePeer();
      collect(from, { a: 'a' });
      const { execFileSync } = await import('node:child_process');
      execFileSync('mkfifo', [`${from}/pipe`]);
      const events = await stage(pool);
      expect(events[1]).toMatchObject({ level: 'error', deed: 'peer-failed' });
      expect(events[1]?.reason).toMatch(/'pipe' cannot be staged: it is a (fifo|pipe)/);
      expect(existsSync(pool.day)).toBe(false);
    });

    test('a link in the place of a file is replaced, and what it leads to stays', async () => {
      const { pool, from, to } = await onePeer();
      collect(from, { 'a.tar': 'aaa' });
      mkdirSync(to, { recursive: true });
      writeFileSync(`${pool.folder}/victim`, 'victim');
      symlinkSync(`${pool.folder}/victim`, `${to}/a.tar`);
      await stage(pool);
      expect(lstatSync(`${to}/a.tar`).isFile()).toBe(true);
      expect(readFileSync(`${pool.folder}/victim`, 'utf8')).toBe('victim');
    });

    test.each(['', '/sub', '/../..'])('a link in the place of a directory (%s) is not followed', async (below) => {
      const { pool, from, to } = await onePeer();
      collect(from, { 'a.tar': 'aaa' });
      mkdirSync(`${from}/sub`);
      writeFileSync(`${from}/sub/x`, 'x');
      const outside = `${pool.folder}/outside`;
      mkdirSync(outside);
      const link = below === '/../..' ? `${pool.stagingDir}/2026/11` : `${to}${below}`;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(outside, link);
      const events = await stage(pool);
      expect(events.some(isFailure)).toBe(true);
      expect(readdirSync(outside)).toEqual([]);
      expect(existsSync(`${from}/cback.stage`)).toBe(false);
    });

    test('a collect directory that is a link is followed', async () => {
      const { pool, from, to } = await onePeer();
      renameSync(from, `${from}-real`);
      symlinkSync(`${from}-real`, from);
      collect(from, { 'a.tar': 'aaa' });
      await stage(pool);
      expect(readFileSync(`${to}/a.tar`, 'utf8')).toBe('aaa');
    });

    test('an indicator that is a link is replaced, not written through', async () => {
      const { pool, from } = await onePeer();
      collect(from, { 'a.tar': 'aaa' });
      writeFileSync(`${pool.folder}/victim`, 'victim');
      symlinkSync(`${pool.folder}/victim`, `${from}/cback.stage`);
      await stage(pool);
      expect(lstatSync(`${from}/cback.stage`).isFile()).toBe(true);
      expect(readFileSync(`${pool.folder}/victim`, 'utf8')).toBe('victim');
    });
  });
}

async function localPool(more: Partial<TestPeer> = {}) {
  const pool = await smallPool([{ name: 'one', ...more }]);
  return { pool, from: pool.collectDir('one'), to: `${pool.day}/one` };
}

describe('a pool', () => {
  test.each([
    ['none', false, false],
    ['all', true, true],
    ['daily', true, false],
    ['weekly', false, true],
  ])('a peer that is not ready, with ignore_failures %s', async (ignoreFailures, onOtherDays, whenFull) => {
    const { pool } = await localPool({ ignoreFailures });
    expect(!(await stage(pool)).some(isFailure)).toBe(onOtherDays);
    expect(!(await stage(pool, {}, { full: true })).some(isFailure)).toBe(whenFull);
    // 2026-11-16 is a Monday, and the week begins.
    const monday = { clock: { now: () => new Date(2026, 10, 16, 0, 0, 1) } };
    const events = await stage(pool, {}, monday);
    expect(!events.some(isFailure)).toBe(whenFull);
    if (whenFull) expect(events[1]?.text).toContain('ignore_failures covers it');
  });

  test('a peer that is waited for', async () => {
    const { pool, from, to } = await localPool();
    const pauses: number[] = [];
    const pause = async (ms: number) => {
      pauses.push(ms);
      if (pauses.length === 3) collect(from, { a: 'a' });
    };
    const events = await stage(pool, { waitMs: 7_200_000, pause });
    expect(told(events)).toEqual(['info begun', 'info told', 'info staged', 'info done']);
    expect(pauses).toEqual([30_000, 30_000, 30_000]);
    expect(existsSync(`${to}/a`)).toBe(true);
  });

  test('a peer that is waited for in vain', async () => {
    const { pool } = await localPool();
    let ms = 0;
    const events = await stage(pool, {
      waitMs: 70_000,
      pause: async (more) => {
        ms += more;
      },
    });
    expect(told(events)).toEqual(['info begun', 'info told', 'error not-ready', 'info done']);
    expect(ms).toBe(70_000);
  });

  test('a peer that comes late is added, also after a store, which is told', async () => {
    const pool = await smallPool([{ name: 'one' }, { name: 'two' }]);
    collect(pool.collectDir('one'), { a: 'a' });
    const first = await stage(pool, { jobs: 1 });
    expect(told(first)).toEqual(['info begun', 'info staged', 'info begun', 'error not-ready', 'info done']);
    expect(readdirSync(pool.day).sort()).toEqual(['cback.stage', 'one']);
    writeFileSync(`${pool.day}/cback.store`, '');
    utimesSync(`${pool.day}/cback.stage`, 1000, 1000);
    collect(pool.collectDir('two'), { b: 'b' });
    const second = await stage(pool);
    expect(second.some(isFailure)).toBe(false);
    expect(second.map(({ text }) => text)).toContain(
      '2026/11/18 was stored before this came: the next store appends it',
    );
    expect(readdirSync(pool.day).sort()).toEqual(['cback.stage', 'cback.store', 'one', 'two']);
    const [stored, staged] = ['store', 'stage'].map(
      (one) => statSync(`${pool.day}/cback.${one}`, { bigint: true }).mtimeNs,
    );
    expect(staged! >= stored!).toBe(true);
  });

  test('all missing, and all covered: no failure, and no day', async () => {
    const pool = await smallPool([{ name: 'one', ignoreFailures: 'all' }]);
    expect((await stage(pool)).some(isFailure)).toBe(false);
    expect(readdirSync(pool.stagingDir)).toEqual([]);
  });

  test('the day is that of the beginning, however long it takes', async () => {
    const pool = await smallPool([{ name: 'one' }]);
    collect(pool.collectDir('one'), { a: 'a' });
    const moments = [new Date(2026, 10, 18, 23, 59, 59), new Date(2026, 10, 19, 0, 0, 1)];
    const clock = { now: () => (moments.length > 1 ? moments.shift()! : moments[0]!) };
    await stage(pool, {}, { clock });
    expect(existsSync(`${pool.day}/one/a`)).toBe(true);
    expect(existsSync(`${pool.stagingDir}/2026/11/19`)).toBe(false);
  });

  test('peers are staged at the same time, as many as there are jobs', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const pool = await smallPool(names.map((name) => ({ name })));
    // The first three go on once all three are there.
    let arrived = 0;
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const pause = async () => {
      arrived += 1;
      if (arrived === 3) open();
      await gate;
    };
    const events = await stage(pool, { jobs: 3, waitMs: 1000, pause });
    expect(told(events).slice(0, 3)).toEqual(['info begun', 'info begun', 'info begun']);
    expect(arrived).toBe(4);
  });

  test('a file that cannot be read keeps its peer out of the day, and no other', async () => {
    const pool = await smallPool([{ name: 'one' }, { name: 'two' }]);
    for (const name of ['one', 'two']) collect(pool.collectDir(name), { a: 'a' });
    symlinkSync('/no/such', `${pool.collectDir('one')}/dangling`);
    mkdirSync(`${pool.day}/one/a`, { recursive: true });
    const events = await stage(pool, { jobs: 1 });
    expect(told(events)).toEqual(['info begun', 'error peer-failed', 'info begun', 'info staged', 'info done']);
    expect(readdirSync(`${pool.day}/one`)).toEqual(['a']);
    expect(existsSync(`${pool.day}/two/a`)).toBe(true);
  });

  test('a peer that cannot be told is in the day all the same, and a failure', async () => {
    const pool = await smallPool([{ name: 'one' }]);
    const from = pool.collectDir('one');
    collect(from, { a: 'a' });
    mkdirSync(`${from}/cback.stage`);
    const events = await stage(pool);
    expect(events.filter(isFailure).map(({ text }) => text)).toEqual([expect.stringContaining('was not told so')]);
    expect(existsSync(`${pool.day}/one/a`)).toBe(true);
    expect(existsSync(`${pool.day}/cback.stage`)).toBe(true);
    rmSync(`${from}/cback.stage`, { recursive: true });
  });

  test('a damaged record is made anew', async () => {
    const pool = await smallPool([{ name: 'one' }]);
    collect(pool.collectDir('one'), { a: 'a' });
    await stage(pool);
    const path = manifestPath(pool.stateDir, '2026/11/18', 'one');
    const whole = readFileSync(path, 'utf8');
    chmodSync(path, 0o600);
    writeFileSync(path, whole.slice(0, -20));
    expect((await stage(pool)).some(isFailure)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });
});
