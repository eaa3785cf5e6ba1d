import { describe, expect, test } from 'vitest';
import { shellWord } from '../../model/shell-word.ts';
import { runProgram } from '../../programs/run-program.ts';
import { remotePath } from './copy-session.ts';
import { LocalPeer } from './local-peer.ts';
import { RemotePeer } from './remote-peer.ts';
import { remoteShellCommand, scpOptions, wordsOf } from './ssh-command.ts';
import { withSu } from './su-command.ts';

test.each([
  ['/usr/bin/scp -B -q -C', []],
  ['scp', []],
  ['/usr/bin/scp -B -P 2222', ['-p', '2222']],
  ['/usr/bin/scp -BP2222 -O', ['-p', '2222']],
  ['scp -i /k -o Port=1 -F /f', ['-i', '/k', '-o', 'Port=1', '-F', '/f']],
  ['scp "-i" "/a key"', ['-i', '/a key']],
  ['scp -4 -J jump -c aes128-ctr', ['-4', '-J', 'jump', '-c', 'aes128-ctr']],
  // What a session cannot keep, and what is not scp at all.
  ['scp -l 100', undefined],
  ['scp -P', undefined],
  ['scp host:x', undefined],
  ['scp --', undefined],
  ['/usr/bin/rsync -a', undefined],
  ['/opt/scplog -B', undefined],
])('%s: what a session takes over of it', (command, ssh) => {
  expect(scpOptions(wordsOf(command))?.ssh).toEqual(ssh);
});

test.each([
  ['a  b', ['a', 'b']],
  ['"a b"c d', ['a bc', 'd']],
  [`a '$(id)' ;`, ['a', `'$(id)'`, ';']],
])('words: %s', (command, words) => {
  expect(wordsOf(command)).toEqual(words);
});

test.each(['', '  ', 'a "b'])('no words: %j', (command) => {
  expect(() => wordsOf(command)).toThrow('is not a command');
});

describe('the session', () => {
  const target = {
    ...{ host: 'alpha', user: 'backup', connectTimeoutSeconds: 30 },
    rshCommand: ['/usr/bin/ssh', '-o', 'StrictHostKeyChecking=no'],
    rcpCommand: wordsOf('/usr/bin/scp -B -P 22 -o StrictHostKeyChecking=no -o BatchMode=no'),
  };

  test('is safe whatever the configuration and the user say: ssh takes the first value', async () => {
    const [program, ...args] = remoteShellCommand(target, 'exec /bin/sh');
    expect(args.slice(-3)).toEqual(['--', 'backup@alpha', 'exec /bin/sh']);
    const { stdout } = await runProgram(program!, ['-G', ...args.slice(0, -3), 'alpha']);
    const said = stdout.toString().split('\n');
    for (const line of ['batchmode yes', 'stricthostkeychecking true', 'forwardagent no', 'port 22']) {
      expect(said).toContain(line);
    }
  });

  test('gets nothing but its own words where it is not OpenSSH', () => {
    const command = remoteShellCommand({ ...target, rshCommand: ['/usr/bin/rsh', '-x'] }, 'exec /bin/sh');
    expect(command).toEqual(['/usr/bin/rsh', '-x', 'backup@alpha', 'exec /bin/sh']);
  });
});

test.each(['a b', '$(id)', `it's`, '`x`', 'a\nb', '', '*', '~', '-n', 'ä', `'"\\$`])(
  'a shell reads %j as one word, unchanged',
  async (text) => {
    const { stdout } = await runProgram('sh', ['-c', `printf %s ${shellWord(text)}`]);
    expect(stdout.toString()).toBe(text);
  },
);

test('a configured su gets one constant text, and the rest as arguments', async () => {
  const words = withSu(['/bin/su'], 'cbuser', ['/usr/bin/ssh', '-x', '$(touch /tmp/x)', 'a b']);
  expect(words.slice(0, 6)).toEqual(['/bin/su', 'cbuser', '-c', 'exec "$@"', '--', 'sh']);
  const { stdout } = await runProgram('sh', ['-c', words[3]!, 'sh', 'printf', '%s|', ...words.slice(6)]);
  expect(stdout.toString()).toBe('/usr/bin/ssh|-x|$(touch /tmp/x)|a b|');
});

test.each([
  ['/a/b-c_1.d', true, [], '/a/b-c_1.d'],
  ['/a b*', true, [], '/a b\\*'],
  ['/$(id)', true, ['-O'], `'/$(id)'`],
  ['/a b', true, ['-BO'], `'/a b'`],
])('%s as a copy command takes it', (path, isScp, given, expected) => {
  expect(remotePath(path, isScp, given)).toBe(expected);
});

test('what an unknown copy command could take for something else is not passed to it', () => {
  expect(() => remotePath('/a;id', false, [])).toThrow('cannot be passed');
});

test.each(['', '-x', 'a b', 'a/b', '..', '../x', 'a@b', 'a:b', '$(id)', 'a\nb', '.hidden', '-oProxyCommand=id'])(
  'the name %j is no peer',
  (name) => {
    expect(() => new LocalPeer({ name, collectDir: '/x' })).toThrow('is not the plain name of a peer');
    expect(() => new RemotePeer({ name, collectDir: '/x', workingDir: '/w' })).toThrow('plain name');
  },
);

test.each(['', '-x', 'a b', 'a;b', '$(id)'])('the user %j is none', (remoteUser) => {
  const options = { name: 'a', collectDir: '/x', workingDir: '/w' };
  expect(() => new RemotePeer({ ...options, remoteUser })).toThrow('is not the name of a user');
  expect(() => new RemotePeer({ ...options, collectDir: 'x' })).toThrow('not an absolute path');
  expect(() => new LocalPeer({ name: 'a', collectDir: 'x' })).toThrow('not an absolute path');
});

test('defaults', () => {
  const peer = new RemotePeer({ name: 'a', collectDir: '/x', workingDir: '/w' });
  expect(peer.rcpCommand).toEqual(['/usr/bin/scp', '-B', '-q', '-C']);
  expect(peer.rshCommand).toEqual(['/usr/bin/ssh']);
  expect(peer.cbackCommand).toEqual(['/usr/bin/cback3']);
});
