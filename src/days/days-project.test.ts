import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventsOf } from '../../test/pool-run.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { place, plant, stowage, stowageJson } from '../../test/stowage.ts';
import { type VaultPool, vaultPool } from '../../test/vault-pool.ts';
import { executeStore } from '../pool/discs/execute-store.ts';
import { executePurge } from '../pool/purge/purge.ts';

/** Two days of a pool in a store, and not staged any more; its configuration as XML or JSON. */
async function storedPool(language: 'xml' | 'json'): Promise<{ readonly pool: VaultPool; readonly config: string }> {
  const pool = await vaultPool();
  const { root } = pool;
  for (const day of [17, 18]) {
    await pool.stage(day, 'one', { 'etc.tar.gz': `etc on ${day}`, [`only-${day}.txt`]: 'x' });
    await eventsOf(executeStore(pool.on(day)));
  }
  await eventsOf(executePurge(pool.on(18)));
  const config = `${root}/cback3.conf`;
  writeFileSync(config, xml(root, `<target>dir:${root}/vault</target>`));
  if (language === 'json') writeFileSync(config, (await stowage('pool', 'import', config)).out);
  return { pool, config };
}

function xml(root: string, store: string): string {
  return `<?xml version="1.0"?><cb_config><reference><author>me</author></reference><options><starting_day>monday</starting_day><working_dir>${root}/work</working_dir><backup_user>root</backup_user><backup_group>root</backup_group><rcp_command>/usr/bin/scp -B</rcp_command></options>
<stage><staging_dir>${root}/stage</staging_dir><peer><name>one</name><type>local</type><collect_dir>${root}/one</collect_dir></peer></stage>
<store>${store}<source_dir>${root}/stage</source_dir></store></cb_config>`;
}

test.each(['xml', 'json'] as const)(
  'find and status ask a pool beside projects, by its configuration in %s',
  async (language) => {
    const { pool, config } = await storedPool(language);
    const at = await place({ __top__: { '[^/]+\\.gz$': 'top.tar' } });
    plant(at.data, { 'etc.tar.gz': 'a project' });
    expect((await stowage('archive', at.config, 'data')).status).toBe(0);
    const { status, events } = await stowageJson('find', at.config, 'etc.*', '--also', config);
    expect(status).toBe(0);
    expect(
      events.slice(0, -1).map(({ configuration, section, path, archive }) => [configuration, section, path, archive]),
    ).toEqual([
      [at.config, 'data', 'etc.tar.gz', 'data/top.tar'],
      [config, '2026/11/17', 'one/etc.tar.gz', '2026/11/17/one.tar'],
      [config, '2026/11/18', 'one/etc.tar.gz', '2026/11/18/one.tar'],
    ]);
    expect(events[1]).toMatchObject({ pool: true, store: `dir:${pool.vault}` });
    const told = await stowageJson('status', at.config, '--also', config);
    expect([told.status, told.events.filter(({ event }) => event === 'status').map(({ section }) => section)]).toEqual([
      0,
      ['data', '2026/11/17', '2026/11/18'],
    ]);
    // The pool alone; and back by the command that is told.
    const { out } = await stowage('find', config, 'etc.*', '--section', '2026/11/17', '-v');
    const [, line] = out.trimEnd().split('\n');
    expect(line).toBe(`  stowage pool restore --day 2026/11/17 --peer one ${config} etc.tar.gz`);
    const to = await scratchFolder();
    expect(await stowage(...line!.trim().split(' ').slice(1), '--to', to)).toMatchObject({ status: 0 });
    expect(readFileSync(`${to}/etc.tar.gz`, 'utf8')).toBe('etc on 17');
  },
);

test('status of a pool whose state is lost says that nothing is recorded, and how to learn it from the store', async () => {
  const { pool, config } = await storedPool('xml');
  rmSync(`${pool.root}/work/.stowage`, { recursive: true });
  const lost = await stowage('status', config);
  expect([lost.status, lost.out]).toEqual([0, '']);
  expect(lost.err).toContain(`never archived, or the record was lost; stowage pool relearn ${config} learns`);
  expect((await stowage('pool', 'relearn', config)).status).toBe(0);
  expect(await stowage('status', config)).toMatchObject({ status: 0, err: '' });
});

test.each<[string, (pool: VaultPool, config: string) => void, number, string]>([
  [
    'that stores on discs alone',
    (pool, config) =>
      writeFileSync(
        config,
        xml(
          pool.root,
          `<media_type>bd-re</media_type><device_type>bdwriter</device_type><target_device>${pool.root}/i.iso</target_device>`,
        ),
      ),
    3,
    'stowage pool list',
  ],
  ['that is damaged', (_, config) => writeFileSync(config, '<cb_config><options>'), 3, 'stowage pool check'],
  [
    'whose state is lost',
    (pool) => rmSync(`${pool.root}/work/.stowage`, { recursive: true }),
    1,
    'nothing of it is recorded',
  ],
  [
    'whose state cannot be looked at',
    ({ root }) => {
      rmSync(`${root}/work/.stowage/archives`, { recursive: true });
      mkdirSync(`${root}/work/.stowage`, { recursive: true });
      writeFileSync(`${root}/work/.stowage/archives`, '');
    },
    4,
    'cannot read the state folder',
  ],
])('a pool %s is told, and the project beside it is asked', async (_, spoil, expected, text) => {
  const { pool, config } = await storedPool('xml');
  spoil(pool, config);
  const at = await place({ __top__: { '[^/]+\\.gz$': 'top.tar' } });
  plant(at.data, { 'etc.tar.gz': 'a project' });
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  const ran = await stowage('find', config, 'etc.*', '--also', at.config);
  expect(ran.status).toBe(expected === 1 ? 0 : expected);
  expect(ran.out).toContain('in data/top.tar');
  expect(ran.err).toContain(text);
  expect((await stowage('find', config, 'etc.*')).status).toBe(expected);
});
