import { chmodSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { builtCli, runProgram } from '../built-cli.ts';
import { needing } from '../needing.ts';
import { type Place, place, plant, stowage, stowageJson } from '../stowage.ts';
import { lookAtTree } from '../tree.ts';

/** Verifying by those who may not write down what they saw. */
let at: Place;
beforeEach(async () => {
  at = await place({ __top__: { 'notes\\.txt$': 'notes.txt' }, d: { 'd/.*$': 'd.tar' } });
  plant(at.data, { 'd/a': 'content a', 'notes.txt': 'notes' });
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
});

test('verify --no-record says what it sees and that it is not recorded, changes nothing, and no later command knows of it', async () => {
  const all = () => [...lookAtTree(at.folder)];
  const before = all();
  const sound = await stowage('verify', at.config, '--no-record', '--level', 'read');
  expect([sound.status, sound.out]).toEqual([
    0,
    expect.stringMatching(/^2 archives intact, at the level read .*\nnot recorded: stowage status .*\n$/),
  ]);
  const { events } = await stowageJson('verify', at.config, '--no-record');
  expect(events.find(({ event }) => event === 'verified')).toMatchObject({ intact: 2, unrecorded: true });
  expect(all()).toEqual(before);

  const path = join(at.vault, 'data/d.tar');
  writeFileSync(
    path,
    readFileSync(path).map((byte, index) => (index === 600 ? byte ^ 1 : byte)),
  );
  unlinkSync(join(at.vault, 'data/notes.txt'));
  const spoilt = all();
  const bad = await stowageJson('verify', at.config, '--no-record', '--level', 'read');
  expect(bad.events.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['damaged', 'missing']));
  expect([bad.status, all()]).toEqual([1, spoilt]);
  // No evidence of it.
  expect((await stowageJson('status', at.config)).events[0]).toMatchObject({
    damaged: [],
    rungs: { size: 2, read: 0 },
  });
  // What is recorded says nothing of not being so.
  const recorded = await stowageJson('verify', at.config);
  expect(recorded.events.find(({ event }) => event === 'verified')).not.toHaveProperty('unrecorded');
  expect((await stowage('status', at.config)).status).toBe(1);
});

test('verify --no-record --max-duration is exit 2: the next run would not know where to go on', async () => {
  const { status, out, err } = await stowage('verify', at.config, '--no-record', '--max-duration', '1h');
  expect([status, out]).toEqual([2, '']);
  expect(err).toContain('where to go on');
  expect((await stowage('verify', at.config, '--no-record', '--max-age', '90d', '--sample', '1')).status).toBe(0);
});

const isRoot = process.getuid?.() === 0;
needing(!isRoot || (await runProgram('setpriv', ['--version']).catch(() => undefined))?.status === 0).test(
  'who may only read the state folder is told of --no-record, and not of another state folder; and can verify with it',
  async () => {
    const main = builtCli();
    for (const folder of [at.folder, at.vault]) chmodSync(folder, 0o755);
    for (const folder of ['', 'journal', 'journal/data', 'lock']) chmodSync(join(at.state, folder), 0o555);
    const run = (...args: readonly string[]) => {
      const ordinary = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
      const [program, ...rest] = [...ordinary, process.execPath, main, 'verify', at.config, ...args];
      return runProgram(program!, rest);
    };
    const refused = await run();
    expect([refused.status, refused.out]).toEqual([4, '']);
    expect(refused.err).toMatch(
      /^stowage: cannot write to the state folder .*: permission denied\n {2}hint: .*--no-record/,
    );
    expect(refused.err).not.toContain('--state');
    expect(await run('--no-record', '--level', 'read')).toMatchObject({
      status: 0,
      out: expect.stringContaining('not recorded'),
    });
    for (const folder of ['', 'journal', 'journal/data', 'lock']) chmodSync(join(at.state, folder), 0o755);
  },
);
