import { expect, test } from 'vitest';
import { gridUser, runAlien } from '../../../test/alien.ts';

const home = '/localhost/localdomain/user/j/jalien/';

test('commands of the server in one shot', async () => {
  const user = await gridUser();
  expect(await user.alien('pwd')).toMatchObject({ status: 0, out: `${home}\n` });
  expect(await user.alien('mkdir', '-p', 'd1/d2', 'a b', 'x;y')).toMatchObject({ status: 0, out: '' });
  expect(await user.alien('ls')).toMatchObject({ status: 0, out: 'a b/\nd1/\nx;y/\n' });
  expect(await runAlien(user.env, '/usr/bin/alien_ls', ['d1'])).toMatchObject({ status: 0, out: 'd2/\n' });
  expect(await user.alien("ls 'x;y'; ls -l 'a b'; cd d1; ls")).toMatchObject({ status: 0, out: 'd2/\n' });
  expect(await user.alien('ls', 'nothere')).toMatchObject({
    status: 2,
    out: '',
    err: expect.stringContaining('No such file or directory : nothere'),
  });
});

test('what is unknown, and the exit status of the last command', async () => {
  const user = await gridUser();
  expect(await user.alien('mkdri d')).toMatchObject({ status: 1, err: expect.stringContaining('did you mean: mkdir') });
  expect((await user.alien('ls nothere; pwd')).status).toBe(0);
  expect((await user.alien('pwd; ls nothere')).status).toBe(2);
  const unknown = await runAlien({ ...user.env, ALIENPY_ALLOW_UNKNOWN_CMDS: '1' }, 'alien.py', ['nosuch']);
  expect(unknown).toMatchObject({ status: 2, err: expect.stringContaining('Command [nosuch] not found!') });
  expect((await user.alien('ls "unclosed')).status).toBe(64);
});

test('replies as JSON, keys in order, and as they came', async () => {
  const user = await gridUser();
  const { out } = await user.alien('pwd', '-json');
  expect(JSON.parse(out)).toEqual({
    metadata: { currentdir: home, error: '', exitcode: '0', user: 'jalien' },
    results: [{ message: home, pwd: home }],
  });
  expect(out).toBe(`${JSON.stringify(JSON.parse(out), undefined, 2)}\n`);
  const raw = await runAlien({ ...user.env, ALIENPY_JSONRAW: '1' }, 'alien.py', ['pwd']);
  expect(raw.out).toContain(home.replaceAll('/', '\\/'));
});
