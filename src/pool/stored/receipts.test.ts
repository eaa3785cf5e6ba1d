import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { eventsOf, poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { hasSshd, loopbackSshd } from '../../../test/ssh/loopback-sshd.ts';
import { nameFromBytes, nameToBytes } from '../../model/byte-name.ts';
import { executeCollect } from '../collect/collect.ts';
import { LocalPeer } from '../peers/local-peer.ts';
import { RemotePeer } from '../peers/remote-peer.ts';
import { isFailure } from '../pool-event.ts';
import { executePurge } from '../purge/purge.ts';
import { executeStage } from '../staging/execute-stage.ts';
import { dayContents } from './day-contents.ts';
import { digestBytes, digestLines, readDigestList } from './digest-list.ts';
import { sendReceipts } from './send-receipts.ts';
import { recordStored } from './stored-record.ts';

let root: string;
const at = (path: string) => join(root, path);
const dayOf = (day: number) => `2026/11/${day}`;
const on = (day: number) => ({ now: new Date(2026, 10, day, 12) });

/** A peer that collects `src` incrementally, into `collect`, and wants a receipt. */
const client = (day: number) => {
  const dir = '<dir><abs_path>@ROOT@/src</abs_path></dir>';
  const mode = '<collect_mode>incr</collect_mode><archive_mode>tar</archive_mode><ignore_file>.no</ignore_file>';
  const purge = '<purge><dir><abs_path>@ROOT@/collect</abs_path><retain_days>0</retain_days></dir></purge>';
  const collect = `<collect><collect_dir>@ROOT@/collect</collect_dir><require_receipt>Y</require_receipt>${mode}${dir}</collect>`;
  return runOf(poolConfiguration(root, `${collect}${purge}`), { ...on(day), stateDir: at('client') });
};
const peerXml = (more: string) => `<peer><name>p</name><collect_dir>@ROOT@/collect</collect_dir>${more}</peer>`;
const master = (day: number, more = '<type>local</type><send_receipt>Y</send_receipt>') => {
  const stage = `<stage><staging_dir>@ROOT@/stage</staging_dir>${peerXml(more)}</stage>`;
  return runOf(poolConfiguration(root, stage), { ...on(day), stateDir: at('master') });
};

/** The files of the archive that was collected. */
async function collect(day: number): Promise<readonly string[]> {
  const events = await eventsOf(executeCollect(client(day)));
  expect(events.filter(isFailure)).toEqual([]);
  const archive = events.find((one) => one.deed === 'collected')!;
  const name = /into \[(.*)\]/.exec(archive.text)![1]!;
  const names = execFileSync('tar', ['-tf', at(`collect/${name}`)], { encoding: 'utf8' }).split('\n');
  return names.filter((one) => one !== '' && !one.endsWith('/')).map((one) => one.slice(root.length + 4));
}
const stage = async (day: number) => {
  expect((await eventsOf(executeStage(master(day)))).filter(isFailure)).toEqual([]);
};
const store = (day: number) =>
  recordStored(master(day), {
    day: dayOf(day),
    by: 'store',
    place: 'a disc',
    members: dayContents(at(`stage/${dayOf(day)}`)),
  });
const tell = async (day: number) =>
  (await eventsOf(sendReceipts(master(day)))).map(({ deed, text }) => `${deed}: ${text}`);

beforeEach(async () => {
  root = await scratchFolder();
  for (const name of ['work', 'src', 'collect', 'stage']) mkdirSync(at(name));
  writeFileSync(at('src/a'), 'a');
});

test('what is staged is collected again until a receipt says that it is stored', async () => {
  // The 16th is the first day of the week.
  expect(await collect(17)).toEqual(['a']);
  await stage(17);
  expect(await collect(18)).toEqual(['a']);
  await stage(18);
  expect(await tell(18)).toEqual([expect.stringContaining("skipped: peer 'p' gets no receipt for 2026/11/18: 'p/")]);
  await store(18);
  expect(await tell(18)).toEqual(["told: peer 'p' was told that what it gave on 2026/11/18 is stored"]);
  expect(await tell(18)).toEqual([]);
  writeFileSync(at('src/b'), 'b');
  expect(await collect(19)).toEqual(['b']);
  expect(existsSync(at('collect/cback.stored'))).toBe(false);
});

test('that there is no receipt is told', async () => {
  const said = async (day: number) =>
    (await eventsOf(executeCollect(client(day)))).filter((one) => one.level === 'warning').map((one) => one.text);
  expect(await said(17)).toEqual([]);
  await stage(17);
  expect(await said(18)).toEqual(['No receipt says that what was collected last is stored: it is collected again.']);
});

test('a receipt for what was collected before says nothing of what is collected now', async () => {
  await collect(17);
  await stage(17);
  await store(17);
  writeFileSync(at('src/b'), 'b');
  expect(await collect(18)).toEqual(['a', 'b']);
  // It comes late.
  await tell(18);
  expect(existsSync(at('collect/cback.stored'))).toBe(true);
  expect(await collect(19)).toEqual(['a', 'b']);
});

test('a receipt that comes after the collect directory was purged counts', async () => {
  await collect(17);
  await stage(17);
  await store(17);
  const purged = await eventsOf(executePurge(client(17)));
  expect(purged.filter(isFailure)).toEqual([]);
  expect(existsSync(at('collect/cback.collect'))).toBe(false);
  await tell(17);
  writeFileSync(at('src/b'), 'b');
  expect(await collect(18)).toEqual(['b']);
});

test('a receipt that came counts after the collect directory was purged', async () => {
  await collect(17);
  await stage(17);
  await store(17);
  await tell(17);
  await eventsOf(executePurge(client(17)));
  expect(existsSync(at('collect/cback.stored'))).toBe(false);
  writeFileSync(at('src/b'), 'b');
  expect(await collect(18)).toEqual(['b']);
});

const linkInstead = () => {
  renameSync(at('collect/cback.stored'), at('x'));
  symlinkSync('../x', at('collect/cback.stored'));
};

test.each<[string, () => void]>([
  [
    'is half written',
    () => writeFileSync(at('collect/cback.stored'), readFileSync(at('collect/cback.stored')).subarray(0, -5)),
  ],
  ['is a link', linkInstead],
  [
    'is about another file',
    () =>
      writeFileSync(
        at('collect/cback.stored'),
        readFileSync(at('collect/cback.stored'), 'utf8').replace(/^[0-9a-f]{8}/m, '00000000'),
      ),
  ],
])('a receipt that %s is none', async (_, change) => {
  await collect(17);
  await stage(17);
  await store(17);
  await tell(17);
  change();
  expect(await collect(18)).toEqual(['a']);
});

test('sha256sum finds in the collect directory all that a receipt names, also when the day was staged twice', async () => {
  await collect(17);
  await stage(17);
  writeFileSync(at('src/b'), 'b');
  await collect(17);
  await stage(17);
  expect([...dayContents(at(`stage/${dayOf(17)}`)).keys()].some((one) => one.endsWith('.earlier-1'))).toBe(true);
  await store(17);
  await tell(17);
  execFileSync('sha256sum', ['--check', '--strict', 'cback.stored'], { cwd: at('collect'), stdio: 'pipe' });
});

test('a day that is marked by Cedar Backup is stored, too', async () => {
  await collect(17);
  await stage(17);
  writeFileSync(at(`stage/${dayOf(17)}/cback.store`), '');
  expect(await tell(17)).toEqual([expect.stringMatching('^told: ')]);
});

test('what was encrypted is stored when the encrypted form is', async () => {
  await collect(17);
  await stage(17);
  const archive = [...dayContents(at(`stage/${dayOf(17)}`)).keys()].find((one) => one.endsWith('.tar'))!;
  const local = at(`stage/${dayOf(17)}/${archive}`);
  renameSync(local, `${local}.gpg`);
  await store(17);
  appendFileSync(`${local}.gpg`, 'x');
  expect(await tell(17)).toEqual([expect.stringContaining('.tar.gpg')]);
  await store(17);
  expect(await tell(17)).toEqual([expect.stringMatching('^told: ')]);
  rmSync(`${local}.gpg`);
});

test('who did not ask gets none; who cannot be reached makes a failure, and is told the next time', async () => {
  await collect(17);
  await stage(17);
  await store(17);
  expect(await eventsOf(sendReceipts(master(17, '<type>local</type>')))).toEqual([]);
  renameSync(at('collect'), at('away'));
  expect((await eventsOf(sendReceipts(master(17)))).filter(isFailure)).toHaveLength(1);
  renameSync(at('away'), at('collect'));
  expect(await tell(17)).toEqual([expect.stringMatching('^told: ')]);
});

const hostile = [
  'a',
  'a b',
  "it's",
  'back\\slash',
  'new\nline',
  'return\r',
  '-x',
  '$HOME',
  nameFromBytes(Buffer.from([0xff, 0x41])),
];
const digests = new Map(hostile.map((name, index) => [name, String(index).padStart(64, '0')]));

test('sha256sum reads a list', async () => {
  const folder = await scratchFolder();
  for (const name of hostile) writeFileSync(nameToBytes(`${folder}/${name}`), name);
  const sums = execFileSync('sh', ['-c', 'sha256sum -- *'], { cwd: folder });
  const list = digestBytes({
    facts: new Map([['day', '2026/11/18']]),
    digests: readDigestList(Buffer.concat([sums, Buffer.from('# end of the list\n')]))!.digests,
  });
  expect(readDigestList(list)!.digests.size).toBe(hostile.length);
  writeFileSync(`${folder}/.list`, list);
  execFileSync('sha256sum', ['--check', '--strict', '.list'], { cwd: folder, stdio: 'pipe' });
});

test('a list comes back as it was, and cut anywhere it is none', () => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 8 })
    .map((bytes) => nameFromBytes(bytes.map((one) => one || 1)));
  fc.assert(
    fc.property(fc.array(name), fc.nat(), (names, cut) => {
      const facts = new Map([['day', '2026/11/18']]);
      const all = new Map(names.map((one, index) => [one, String(index).padStart(64, '0')]));
      const bytes = digestBytes({ facts, digests: all });
      expect(readDigestList(bytes)).toEqual({ facts, digests: all });
      expect(readDigestList(bytes.subarray(0, cut % bytes.length))).toBeUndefined();
    }),
  );
});

needing(hasSshd).test.each<[string, readonly string[]]>([
  ['a shell', []],
  ['sftp alone', ['ForceCommand internal-sftp']],
])('a receipt goes to a peer that has %s, and is not staged', async (_, config) => {
  const sshd = await loopbackSshd({ config });
  const { rshCommand, rcpCommand } = sshd;
  const peer = new RemotePeer({
    name: '127.0.0.1',
    collectDir: at('collect'),
    workingDir: at('work'),
    rshCommand,
    rcpCommand,
  });
  const many = new Map([
    ...digests,
    ...Array.from({ length: 500 }, (_, index) => [`f${index}`, 'a'.repeat(64)] as const),
  ]);
  writeFileSync(at('victim'), 'mine');
  symlinkSync('../victim', at('collect/cback.stored'));
  const session = await peer.open();
  await session.writeReceipt(digestLines({ facts: new Map(), digests: many }));
  await session.close();
  if (config.length === 0) expect(readFileSync(at('victim'), 'utf8')).toBe('mine');
  expect(readDigestList(readFileSync(at('collect/cback.stored')))?.digests).toEqual(many);
  writeFileSync(at('collect/a.tar'), 'a');
  mkdirSync(at('to'));
  expect(await peer.stagePeer(at('to'))).toBe(1);
  expect(await new LocalPeer({ name: 'p', collectDir: at('collect') }).stagePeer(at('to'))).toBe(1);
  expect(existsSync(at('to/cback.stored'))).toBe(false);
});
