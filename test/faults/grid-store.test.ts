import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { beforeAll, expect, onTestFinished } from 'vitest';
import { realFiles } from '../../src/durable/real-files.ts';
import { connect } from '../../src/grid/connect.ts';
import { statUrl } from '../../src/grid/xrootd/name-space.ts';
import { xrootdSession } from '../../src/grid/xrootd/session.ts';
import { storeUrl } from '../../src/grid/xrootd/transfers.ts';
import { storeKey } from '../../src/model/store-key.ts';
import type { Fault } from '../../src/sandbox/jalien/faults.ts';
import { chunks, keysOf, publish, read } from '../../src/store/contract-checks.ts';
import type { Store } from '../../src/store/store.ts';
import { gridStore } from '../../src/stores/grid.ts';
import { gridBookings } from '../../src/stores/grid-bookings.ts';
import { builtCli, startCli } from '../built-cli.ts';
import { homeOf } from '../copies.ts';
import { gridPlace } from '../grid-place.ts';
import { type GridStand, gridStand } from '../grid-stand.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { plant, stowage } from '../stowage.ts';
import { until } from '../waiting.ts';
import { hasXrootd } from '../xrootd-servers.ts';

const { test } = needing(hasXrootd);
beforeAll(() => void builtCli());
const [kept, replaced, fresh] = ['data/kept', 'data/replaced', 'data/fresh'].map(storeKey) as [
  ReturnType<typeof storeKey>,
  ReturnType<typeof storeKey>,
  ReturnType<typeof storeKey>,
];

/** As a process that has just started opens it. */
function opened(stand: GridStand, root: string, state: string): Store {
  const store = gridStore(root, { state, where: ['disk:1'], connection: { env: stand.env } });
  onTestFinished(() => store.close());
  return store;
}

/** What a run does that replaces one archive and adds one. */
async function goOn(store: Store, version: string): Promise<void> {
  const written = [await store.write(replaced, [Buffer.from('new')]), await store.write(fresh, [Buffer.from('fresh')])];
  await publish(store, written, [[replaced, version]]);
}

/** What the next run does first. */
async function heal(store: Store): Promise<void> {
  for await (const one of store.debris()) await store.discard(one);
}

/** Everything below the root, hidden or not. */
function lfns(stand: GridStand, root: string): readonly string[] {
  return [...stand.central.world.catalogue.below(root)]
    .flatMap(({ path, type }) => (type === 'd' ? [] : [path.slice(root.length + 1)]))
    .sort();
}

test('a run that ends at any command of the server, done or not, loses nothing, and the next one completes it', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  const { central } = stand;
  const home = homeOf(stand);
  const session = connect({ env: stand.env });
  onTestFinished(() => session.close());
  const begun = async (name: string) => {
    const root = `${home}/${name}`;
    const state = await scratchFolder();
    await session.mkdir(root);
    const store = opened(stand, root, state);
    const written = [await store.write(kept, [Buffer.from('kept')]), await store.write(replaced, [Buffer.from('old')])];
    const [, old] = await publish(store, written);
    return { root, state, version: old!.object.version };
  };
  const undisturbed = await begun('undisturbed');
  const before = central.requests.length;
  await goOn(opened(stand, undisturbed.root, undisturbed.state), undisturbed.version);
  const commands = central.requests.slice(before).map(({ command }) => command);
  expect(commands.filter((one) => one === 'mv')).toHaveLength(3);
  for (const [skip, command] of commands.entries()) {
    // Of what only looks, it is all the same.
    for (const does of /^(commit|mkdir|mv|rm)$/.test(command) ? [false, true] : [false]) {
      const when = `at command ${skip}, ${command}, ${does ? 'done' : 'not done'}`;
      const { root, state, version } = await begun(`at-${skip}-${does}`);
      // From there on nothing comes through any more.
      const fault = (over: Partial<Fault>): Fault => ({ do: { kind: 'error', errno: 5, does: false }, ...over });
      central.setFaults([
        ...(does ? [fault({ skip, times: 1, do: { kind: 'error', errno: 5, does: true } })] : []),
        fault({ skip }),
      ]);
      await expect(goOn(opened(stand, root, state), version), when).rejects.toMatchObject({ name: 'StowageError' });
      central.setFaults([]);
      // Old, new, or for a moment aside: but always there.
      const contents = stand.central.world.catalogue;
      const all = lfns(stand, root).filter((path) => path.includes('replaced'));
      expect(all.length, when).toBeGreaterThan(0);
      expect(contents.get(`${root}/data/kept`), when).toBeDefined();
      const store = opened(stand, root, state);
      await heal(store);
      const is = await read(store, replaced);
      expect(is, when).toMatch(/^(old|new)$/);
      if (is === 'old') await goOn(store, version);
      else if ((await store.stat(fresh)) === undefined) {
        await publish(store, [await store.write(fresh, [Buffer.from('fresh')])]);
      }
      expect(await read(store, replaced), when).toBe('new');
      expect(await read(store, fresh), when).toBe('fresh');
      expect(await keysOf(store, ''), when).toEqual([fresh, kept, replaced].sort());
      expect(lfns(stand, root), `${when}: something is left over`).toEqual([fresh, kept, replaced].sort());
    }
  }
});

test('publishing goes on from wherever it stopped', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  const { central } = stand;
  const state = await scratchFolder();
  const store = opened(stand, homeOf(stand), state);
  for (let at = 0, stopped = true; stopped; at += 1) {
    const key = storeKey(`data/${at}`);
    const [old] = await publish(store, [await store.write(key, [Buffer.from('old')])]);
    const written = await store.write(key, [Buffer.from('new')]);
    const replaces = [[key, old!.object.version]] as const;
    central.setFaults([{ skip: at, do: { kind: 'error', errno: 5, does: at % 2 === 0 } }]);
    stopped = await publish(store, [written], replaces).then(
      () => false,
      () => true,
    );
    central.setFaults([]);
    await publish(opened(stand, homeOf(stand), state), [written], replaces);
    expect(await read(store, key), `stopped at command ${at}`).toBe('new');
    expect(lfns(stand, `${homeOf(stand)}/.stowage`), `stopped at command ${at}`).toEqual([]);
  }
});

test.each([
  ['while it registers what it has sent', { command: 'commit' }, false],
  ['when the old archive is aside', { command: 'mv', skip: 1 }, false],
  ['when the new archive has its name', { command: 'mv', skip: 1 }, true],
] as const)('archive, killed by SIGKILL %s and run again, is as if it had not been', async (_, fault, does) => {
  const at = await gridPlace({ d: { 'd/.*$': 'd.tar' } }, [{ name: 'ONE' }], { replicas: 'disk:1' });
  const { central } = at.grid;
  plant(at.data, { 'd/one': '1'.repeat(3000) });
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  plant(at.data, { 'd/two': '2'.repeat(3000) });
  const seen = () => central.requests.filter(({ command }) => command === fault.command).length;
  const before = seen();
  central.setFaults([{ ...fault, do: { kind: 'stall', does } }]);
  const { child, ended } = startCli(['archive', at.config, 'data']);
  const { skip: passed = 0 }: Partial<Fault> = fault;
  await until('the fault is met', () => seen() > before + passed);
  child.kill('SIGKILL');
  await ended;
  central.setFaults([]);
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  expect(await stowage('verify', at.config, 'data', '--level', 'read')).toMatchObject({ status: 0 });
  const below = lfns(at.grid, at.lfn).filter((path) => !path.endsWith('.jsonl'));
  expect(below).toEqual(['data/d.tar']);
  expect(readdirSync(`${at.state}/grid`), 'notes').toEqual([]);
});

test('what a killed run was sending goes, though its envelope has ended; what came into the catalogue stays', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  const root = homeOf(stand);
  const state = await scratchFolder();
  const store = opened(stand, root, state);
  const [one] = await publish(store, [await store.write(kept, [Buffer.from('kept')])]);
  const session = connect({ env: stand.env });
  const storage = xrootdSession();
  onTestFinished(async () => {
    storage.close();
    await session.close();
  });
  const bookings = gridBookings(realFiles, `${state}/grid`, `grid:${root}`);
  const note = async (name: string, guid: string, url: string, envelope: string) => {
    const token = `0123456789abcde${name}.data=2Ffresh`;
    const replicas = [{ se: 'LOCALHOST::JTESTSITE::ONE', url, envelope }];
    await bookings.note({ location: `grid:${root}`, key: fresh, token, guid, bytes: 3, md5: '', replicas });
  };
  const md5 = createHash('md5').update('abc').digest('hex');
  const [access] = await session.accessToWrite(`${root}/.stowage/tmp/x`, { bytes: 3, md5, where: ['disk:1'] });
  await storeUrl(storage, access!.url, chunks('abc'), { bytes: 3 });
  await note('1', access!.guid, access!.url, 'envelope that has ended');
  const [replica] = await session.whereis(`${root}/${kept}`);
  await note('2', one!.object.version, replica!.pfn, 'envelope that was used up');
  await heal(opened(stand, root, state));
  await expect(statUrl(storage, access!.url)).resolves.toBeUndefined();
  expect(await read(store, kept)).toBe('kept');
  expect(readdirSync(`${state}/grid`)).toEqual([]);
});

test('two runs that make the same archive at once: one wins, the other is told, and nothing is left', async () => {
  const stand = await gridStand([{ name: 'ONE' }]);
  const root = homeOf(stand);
  const stores = await Promise.all([1, 2].map(async () => opened(stand, root, await scratchFolder())));
  const written = await Promise.all(stores.map((store, at) => store.write(fresh, [Buffer.from(`of run ${at}`)])));
  const outcomes = await Promise.allSettled(stores.map((store, at) => publish(store, [written[at]!])));
  const lost = outcomes.flatMap((one, at) => (one.status === 'rejected' ? [at] : []));
  expect(lost).toHaveLength(1);
  expect((outcomes[lost[0]!] as PromiseRejectedResult).reason).toMatchObject({ code: 'exists' });
  await stores[lost[0]!]!.discard(written[lost[0]!]!);
  expect(await read(stores[0]!, fresh)).toBe(`of run ${1 - lost[0]!}`);
  expect(lfns(stand, root)).toEqual([fresh]);
});
