import { expect, test } from 'vitest';
import { gridUser } from '../../../../test/alien.ts';

test('mv of a name that is not there says so, with the exit status of the server', async () => {
  const { alien } = await gridUser();
  await alien('mkdir d; touch a d/b');
  for (const name of ['nosuch', 'd/nosuch', '~/nosuch']) {
    const told = `No such file or directory : ${name}\n`;
    expect(await alien(`mv ${name} other`), name).toEqual({ status: 121, out: '', err: told });
  }
  // As the server has it.
  const { metadata } = JSON.parse((await alien('-json', 'mv nosuch other')).out);
  expect(metadata).toMatchObject({ exitcode: '121', error: expect.stringContaining('NullPointerException') });
  expect((await alien('ls')).out).toBe('a\nd/\n');
});

test('mv of what is there moves it, and tells what the server says against it', async () => {
  const { alien } = await gridUser();
  await alien('mkdir d; touch a');
  expect(await alien('mv a nowhere/a')).toEqual({
    status: 5,
    out: '',
    err: expect.stringMatching(/^Input\/output error : Failed to move a to \S*nowhere\/a\n$/),
  });
  expect((await alien('mv a')).status).toBe(22);
  expect(await alien('mv a d')).toEqual({ status: 0, out: '', err: '' });
  expect((await alien('ls d')).out).toBe('a\n');
});
