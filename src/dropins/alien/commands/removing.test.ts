import { expect, test } from 'vitest';
import { gridUser } from '../../../../test/alien.ts';

const home = '/localhost/localdomain/user/j/jalien/';

test('of several names, all that are still there are told', async () => {
  const { alien } = await gridUser();
  await alien('mkdir full full2 empty; touch full/x full2/x a b');
  expect(await alien('rm a full nothere full2 b')).toMatchObject({
    status: 5,
    out: '',
    err: expect.stringMatching(new RegExp(`Failed to remove \\[.*\\]\\nstill there: ${home}full, ${home}full2\\n$`)),
  });
  expect((await alien('ls')).out).toBe('empty/\nfull/\nfull2/\n');
  expect((await alien('rm nothere nothere2')).err).toMatch(/\nnothing of these names is there now\n$/);
  expect((await alien('rm nothere')).err).not.toContain('there now');
  expect((await alien('rmdir empty full')).err).toContain(`still there: ${home}full\n`);
  expect(await alien('rm -r full full2')).toMatchObject({ status: 0, out: '', err: '' });
});
