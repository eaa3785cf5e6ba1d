import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { place, stowage, stowageJson } from '../stowage.ts';

const rules = { d: { 'd/.*$': 'd.tar' } };

test('a sound place is exit 0: what is ok goes to standard output, and quietly nothing', async () => {
  const { config, vault } = await place(rules);
  const { status, out, err } = await stowage('doctor', config);
  expect([status, err]).toEqual([0, '']);
  expect(out).toContain(`ok       writable: the store '${vault}' can be written`);
  expect(out).toMatch(/\n\d+ ok, 0 warnings, 0 problems\n$/);
  expect(await stowage('doctor', config, '--quiet')).toEqual({ status: 0, out: '', err: '' });
});

test('a problem is exit 1, and says what to do', async () => {
  const { config, vault } = await place(rules);
  rmSync(vault, { recursive: true });
  const { status, err } = await stowage('doctor', config, '-q');
  expect(status).toBe(1);
  expect(err).toMatch(
    /^problem {2}writable: cannot write to the store .* does not exist\n {2}hint: .*mkdir -p '.*vault'\n$/,
  );
});

test('a configuration that is not there is exit 3, and the machine is examined', async () => {
  const { status, events } = await stowageJson('doctor', '/nowhere/survey.json');
  expect(status).toBe(3);
  expect(events[0]).toMatchObject({ event: 'failed', what: 'the configuration', code: 'configuration' });
  expect(events.at(-2)).toMatchObject({ event: 'diagnosed', problems: 0, unseen: 0 });
});

test('--state says which state folder is examined; it is not made', async () => {
  const { config, folder } = await place(rules);
  const { events } = await stowageJson('doctor', config, '--state', `${folder}/elsewhere`);
  expect(JSON.stringify(events)).toContain(`the state folder '${folder}/elsewhere' can be written`);
  const again = await stowageJson('doctor', config, '--state', `${folder}/elsewhere`);
  expect(again.status).toBe(0);
});
