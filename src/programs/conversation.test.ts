import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { until } from '../../test/waiting.ts';
import { accountOf, groupIdOf } from './account.ts';
import { startedAs } from './as-account.ts';
import { type Conversation, converse } from './conversation.ts';
import { ownPipe } from './own-pipe.ts';
import { runProgram } from './run-program.ts';

async function allOf(talk: Conversation): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let chunk = await talk.hear(); chunk !== undefined; chunk = await talk.hear()) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString();
}

describe.each([
  ['pipe of Node', async () => ({})],
  ['pipe of ours', async () => ({ pipe: await ownPipe(await scratchFolder()) })],
] as const)('over a %s', (_, how) => {
  test('a program is asked, answers, and is asked again', async () => {
    const talk = converse('sh', [], await how());
    talk.say(Buffer.from('echo one\n'));
    expect(Buffer.from((await talk.hear())!).toString()).toBe('one\n');
    talk.say(Buffer.from('echo two; exit 0\n'));
    expect(await allOf(talk)).toBe('two\n');
    expect(await talk.ended).toMatchObject({ status: 0 });
  });

  test('all that a program says before it ends is heard, however late it is taken', async () => {
    const talk = converse('sh', ['-c', 'head -c 3000000 /dev/zero'], await how());
    talk.finish();
    expect((await allOf(talk)).length).toBe(3_000_000);
    expect(await talk.ended).toMatchObject({ status: 0 });
  });

  test('a failure is told by its end, after its last words', async () => {
    const heard: string[] = [];
    const talk = converse('sh', ['-c', 'echo out; echo bad >&2; exit 3'], {
      ...(await how()),
      onStderr: (chunk) => heard.push(String(chunk)),
    });
    expect(await allOf(talk)).toBe('out\n');
    await expect(talk.ended).rejects.toThrow('sh failed with status 3: bad');
    expect(heard.join('')).toBe('bad\n');
  });

  test('a program that cannot be started says nothing, and why', async () => {
    const talk = converse('/no/such/program', [], await how());
    talk.say(Buffer.from('x'));
    expect(await talk.hear()).toBeUndefined();
    await expect(talk.ended).rejects.toThrow('no such file');
  });

  test('one that is stopped is gone, and who waits for a word of it hears the end', async () => {
    const folder = await scratchFolder();
    const talk = converse('sh', ['-c', `touch ${folder}/there; exec sleep 1000`], await how());
    const waiting = talk.hear();
    await until('it runs', () => existsSync(`${folder}/there`));
    await talk.stop();
    expect(await waiting).toBeUndefined();
    await expect(talk.ended).rejects.toThrow('sh was stopped');
  });

  test('one that says no more is heard to its end, though it goes on', async () => {
    const talk = converse('sh', ['-c', 'echo last; exec >&-; exec sleep 1000'], await how());
    expect(await allOf(talk)).toBe('last\n');
    await talk.stop();
    await expect(talk.ended).rejects.toThrow('was stopped');
  });
});

test('accounts are as the system has them', async () => {
  const root = await accountOf('root');
  expect(root).toMatchObject({ name: 'root', uid: 0, gid: 0, home: '/root' });
  expect(await groupIdOf('root')).toBe(0);
  await expect(accountOf('no-such-user')).rejects.toMatchObject({ code: 'missing' });
  await expect(accountOf('-x')).rejects.toMatchObject({ code: 'missing' });
  await expect(groupIdOf('')).rejects.toMatchObject({ code: 'missing' });
});

test('a program runs as another user, with all of its groups and its own home', async () => {
  const account = { ...(await accountOf('nobody')), home: '/nowhere' };
  const script = 'id -u; id -g; id -G; echo "$HOME $USER $LOGNAME"';
  if (process.geteuid?.() !== 0) {
    expect(startedAs(account, 'sh', [])).toMatchObject({
      uid: account.uid,
      gid: account.gid,
      env: { HOME: '/nowhere' },
    });
    return;
  }
  const { uid, gid } = account;
  const plain = await runProgram('sh', ['-c', script], { as: account });
  expect(plain.stdout.toString()).toBe(`${uid}\n${gid}\n${gid}\n/nowhere nobody nobody\n`);
  const more = await runProgram('sh', ['-c', script], { as: { ...account, groups: [gid, 4, 5] } });
  expect(more.stdout.toString()).toBe(`${uid}\n${gid}\n${gid} 4 5\n/nowhere nobody nobody\n`);
});
