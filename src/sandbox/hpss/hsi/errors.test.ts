import { expect, test } from 'vitest';
import { quoted, testSystem } from '../test-system.ts';

/** A system with a directory that holds a file, and one that belongs to somebody else. */
async function prepared(changes: Parameters<typeof testSystem>[0] = {}) {
  const system = await testSystem(changes);
  system.plant({ f: 'content' });
  await system.hsi('-q', 'mkdir full empty other; put f : full/f');
  return system;
}

test.each([
  ['1, exit 64', 'ls of what is not there', 'ls -Da nope', 64, '*** ls: No such file or directory: HPSS_ENOENT nope'],
  ['1, exit 64', 'a wildcard that matches nothing', 'ls nope*', 64, "Warning: No matching names located for 'nope*'"],
  ['1, exit 64', 'rmdir of what is not empty', 'rmdir full', 64, '*** rmdir: Directory not empty: HPSS_ENOTEMPTY'],
  ['1, exit 64', 'an unknown command', 'frobnicate x', 64, '*** unknown command: frobnicate'],
  ['1, exit 64', 'an unknown option', 'ls -Z', 64, '*** usage: ls: unknown option -Z'],
  ['1, exit 64', 'a quote that is not closed', 'ls "x', 64, '*** unbalanced quotes'],
  ['1, exit 72', 'rm of what is not there', 'rm nope', 72, '*** rm: No such file or directory: HPSS_ENOENT'],
  ['1, exit 72', 'get of what is not there', 'get x : nope', 72, '*** get: No such file or directory: HPSS_ENOENT'],
  [
    '1, exit 66',
    'put of a local file that is not there',
    'put nope : x',
    66,
    '*** put: ENOENT: no such file or directory',
  ],
  [
    '1, exit 73',
    'put into a directory that is not there',
    'put f : no/x',
    73,
    '***Error -2 on hpss_Open (create) for /home/e/elvis/no/x',
  ],
  ['1, exit 73', 'get into a local directory that is not there', 'get no/x : full/f', 73, '*** get: ENOENT'],
  ['1, -17', 'mkdir of what is there', 'mkdir full', 64, '*** mkdir: File exists: HPSS_EEXIST'],
  ['1, -17', 'mv does not overwrite', 'touch g; mv g full/f', 64, '*** mv: File exists: HPSS_EEXIST'],
  ['1, -20', 'a file on the way', 'ls full/f/x', 64, 'HPSS_ENOTDIR'],
  ['1, -20', 'cd to a file', 'cd full/f', 64, '*** cd: Not a directory: HPSS_ENOTDIR'],
  ['1, -21', 'rm of a directory', 'rm full', 64, '*** rm: Is a directory: HPSS_EISDIR'],
  ['1, -21', 'put of a directory', 'put . : full', 64, 'HPSS_EISDIR'],
  ['1, -1', 'chown', 'chown root full', 77, '*** chown: Operation not permitted: HPSS_EPERM full'],
  ['1', 'a loop of links', 'ln -s a b; ln -s b a; ls a/x', 64, 'HPSS_ELOOP'],
  ['1', 'a mode that is none', 'chmod 999 full', 64, '*** usage: chmod: invalid mode 999'],
  ['1', 'a pipe', 'put "| cat" : x', 64, '*** usage: put: pipes are not carried here'],
  ['1, checksums', 'hashlist without one', 'hashlist full/f', 64, 'no valid checksum found'],
  ['1, checksums', 'hashverify without one', 'hashverify full/f', 64, 'checksum not set'],
])('%s: %s', async (_section, _name, command, status, text) => {
  const { hsi } = await prepared();
  const ran = await hsi('-q', command);
  expect(ran.status).toBe(status);
  expect(ran.out).toBe('');
  expect(ran.err).toContain(text);
});

test.each([
  [['-Z', 'ls'], 64, '*** hsi: unknown option -Z'],
  [['-O'], 64, 'option -O needs a value'],
  [['-A', 'magic', 'ls'], 64, 'unknown authentication method magic'],
  [
    ['-s', 'nowhere', 'ls'],
    69,
    'hpssex_OpenConnection: unable to obtain remote site info\nresult = -5000, errno = 0\n',
  ],
  [
    ['-A', 'keytab', '-k', 'no/keytab', 'ls'],
    77,
    '*** hpssex_OpenConnection: Unable to authenticate user with remote gateway',
  ],
])('1, options: hsi %j', async (argv, status, text) => {
  const { hsi } = await testSystem();
  const ran = await hsi(...argv);
  expect(ran.status).toBe(status);
  expect(ran.err).toContain(text);
});

test('1, -13: what the mode forbids', async () => {
  const { hsi } = await prepared();
  await hsi('-q', 'chmod 500 full; chmod 0 full/f');
  expect(await hsi('-q', 'put f : full/new')).toMatchObject({ status: 77, err: expect.stringContaining('Error -13') });
  expect(await hsi('-q', 'get x : full/f')).toMatchObject({ status: 77, err: expect.stringContaining('HPSS_EACCES') });
  expect(await hsi('-q', 'rm full/f')).toMatchObject({ status: 77, err: expect.stringContaining('HPSS_EACCES') });
});

test('1, -122: quota; what was transferred stays as half a file', async () => {
  const { hsi, plant, held } = await prepared({ quotaBytes: 3_000_000 });
  plant({ big: Buffer.alloc(4_000_000, 'x') });
  const ran = await hsi('-q', 'put big : big');
  expect(ran).toMatchObject({ status: 74, err: 'put: Error -122 on transfer\n' });
  expect(held('/home/e/elvis/big').length).toBe(2 ** 21);
});

test('1, -5: a firewall shows in the first transfer, and firewall -on cures it', async () => {
  const { hsi } = await prepared({ firewall: true });
  expect(await hsi('-q', 'put f : x')).toMatchObject({ status: 74, err: 'put: Error -5 on transfer\n' });
  expect(await hsi('-q', 'firewall -on; put f : x')).toMatchObject({ status: 0 });
});

test('1, exit status: later commands run after a failed one, so a put can land in the wrong directory', async () => {
  const { hsi, held } = await prepared();
  const ran = await hsi('-q', 'cd nope; put f');
  expect(ran.status).toBe(64);
  expect(held('/home/e/elvis/f').toString()).toBe('content');
});

test('1, exit status: a later success does not take the failure back', async () => {
  const { hsi } = await prepared();
  expect((await hsi('-q', 'rm nope; pwd')).status).toBe(72);
});

test('3: at most so many sessions of one user', async () => {
  const { hsi } = await prepared({ mostSessions: 0 });
  expect(await hsi('-q', 'pwd')).toMatchObject({ status: 75, err: expect.stringContaining('too many sessions') });
});

test('a name that is not printable ASCII is refused where the site has it so', async () => {
  const { hsi } = await testSystem({ names: 'printable ASCII' });
  expect(await hsi('-q', 'mkdir é')).toMatchObject({ status: 64, err: expect.stringContaining('HPSS_EINVAL') });
});

test('a name that is too long', async () => {
  const { hsi } = await testSystem();
  expect(await hsi('-q', `mkdir ${quoted('x'.repeat(256))}`)).toMatchObject({
    status: 64,
    err: expect.stringContaining('HPSS_ENAMETOOLONG'),
  });
});
