import { expect, onTestFinished } from 'vitest';
import { connect } from '../../src/grid/connect.ts';
import { storeKey } from '../../src/model/store-key.ts';
import type { Fault } from '../../src/sandbox/jalien/faults.ts';
import { keysOf, publish, read } from '../../src/store/contract-checks.ts';
import type { Store } from '../../src/store/store.ts';
import { gridStore } from '../../src/stores/grid.ts';
import { homeOf } from '../copies.ts';
import { type GridStand, gridStand } from '../grid-stand.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { hasXrootd } from '../xrootd-servers.ts';

const { test } = needing(hasXrootd);
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
}, 60_000);

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
