import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { connect, environmentVariables, StowageError } from '../../src/grid-entry.ts';
import { gridUser } from '../alien.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/grid.md', import.meta.url)), 'utf8');

test('docs/grid.md tells of every variable what the table says', () => {
  for (const [name, meaning] of Object.entries(environmentVariables)) {
    expect(page).toContain(`| \`${name}\` | ${meaning} |`);
  }
});

test('the example of the library runs', async () => {
  const md5 = '900150983cd24fb0d6963f7d28e17f72';
  const { env } = await gridUser({ seed: [{ path: 'data/a.root', size: 3, md5 }] });
  const grid = connect({ env });
  expect(await grid.ls('data')).toMatchObject([{ name: 'a.root', bytes: 3, type: 'file' }]);
  expect(await grid.stat('data/a.root')).toMatchObject({ md5, bytes: 3, type: 'file' });
  expect(await grid.stat('data/b.root')).toBeUndefined();
  await grid.mkdir('results', { parents: true });
  expect((await grid.send('ps', ['-a'])).exitCode).toBe(0);

  expect(await grid.find('data', '*')).toMatchObject([{ lfn: expect.stringMatching(/\/data\/a\.root$/), bytes: 3 }]);
  expect(await grid.whoami()).toMatchObject({ user: 'jalien', role: 'jalien' });
  expect(await grid.cd('results')).toMatch(/\/results\/$/);
  const file = { bytes: 3, md5, where: ['disk:1'] };
  const [access] = await grid.accessToWrite('b.root', file);
  await grid.commit(access!, 'b.root', file);
  await expect(grid.commit(access!, 'b.root', file)).rejects.toMatchObject({ facts: { errno: 53 } });
  expect(await grid.whereis('b.root')).toHaveLength(1);
  expect((await grid.accessToRead('b.root'))[0]).toMatchObject({ md5, bytes: 3 });
  await grid.mv('b.root', '../data');
  await grid.rm(['../data/b.root', '../data/a.root']);
  expect(await grid.ls('../data')).toEqual([]);
  const missing = await grid.rm(['nothere']).catch((error: unknown) => error);
  expect(missing).toBeInstanceOf(StowageError);
  expect(missing).toMatchObject({ facts: { errno: 5, text: expect.stringContaining('Failed to remove') } });
  await grid.close();
});

test('many requests over several connections come back in their order', async () => {
  const { env, central } = await gridUser();
  const grid = connect({ env });
  await grid.mkdir('deep');
  await grid.cd('deep');
  const names = Array.from({ length: 20 }, (_, index) => `d${index}`);
  const sent: string[] = [];
  for await (const { request, reply } of grid.sendAll(names.map((name) => ({ command: 'mkdir', args: [name] })))) {
    expect(reply.exitCode).toBe(0);
    sent.push(request.args[0]!);
  }
  expect(sent).toEqual(names);
  expect(central.connections.made).toBe(4);
  expect((await grid.ls()).map(({ name }) => name).sort()).toEqual([...names].sort());
  await grid.close();
});
