import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultRule } from './faults.ts';
import { testSystem } from './test-system.ts';

const home = '/home/e/elvis';
const content = 'x'.repeat(1000);

async function faulty(...rules: readonly FaultRule[]) {
  const system = await testSystem();
  system.plant({ f: content, 'd/g': 'g' });
  await system.hsi('-q', 'put f : there');
  system.script(...rules);
  return system;
}

test('fail: the deed is not done, with the text and status of its code', async () => {
  const { hsi } = await faulty({ tool: 'hsi', words: ['put'], times: 1, do: { kind: 'fail' } });
  expect(await hsi('-q', 'put f : x')).toEqual({ status: 74, out: '', err: 'put: Error -5 on transfer\n' });
  expect((await hsi('-q', 'ls -1')).err).toBe('there\n');
  expect(await hsi('-q', 'put f : x')).toMatchObject({ status: 0 });
});

test('fail: any code, text and status', async () => {
  const { hsi, script } = await faulty({ words: ['mkdir'], do: { kind: 'fail', code: -13 } });
  expect(await hsi('-q', 'mkdir a')).toMatchObject({ status: 77, err: '*** mkdir: Permission denied: HPSS_EACCES\n' });
  script({ words: ['mkdir'], do: { kind: 'fail', code: -5007, exit: 3, text: '** boom' } });
  expect(await hsi('-q', 'mkdir a')).toMatchObject({ status: 3, err: '** boom\n' });
});

test('fail: htar', async () => {
  const { htar, hsi } = await faulty({ tool: 'htar', do: { kind: 'fail', exit: 70 } });
  expect(await htar('-cf', 'a.tar', 'd')).toMatchObject({ status: 70, out: 'HTAR: HTAR FAILED\n' });
  expect((await hsi('-q', 'ls -1')).err).toBe('there\n');
});

test('truncate: half is stored or brought, and nobody says so', async () => {
  const { hsi, held, work } = await faulty({ words: ['et', ':'], do: { kind: 'truncate', bytes: 100 } });
  expect(await hsi('get back : there')).toMatchObject({ status: 0, err: expect.stringContaining('1000 bytes') });
  expect(readFileSync(join(work, 'back')).length).toBe(100);
  expect(held(`${home}/there`).length).toBe(1000);
});

test('truncate: put, listings and archives', async () => {
  const { hsi, htar, held } = await faulty({ words: ['x'], do: { kind: 'truncate', bytes: 3 } });
  expect(await hsi('-q', 'put f : x')).toEqual({ status: 0, out: '', err: '' });
  expect(held(`${home}/x`).toString()).toBe('xxx');
  expect(await hsi('-q', 'ls -1 x')).toEqual({ status: 0, out: '', err: 'x\n' });
  expect(await hsi('-q', 'find . -name x')).toEqual({ status: 0, out: '', err: './x' });
  expect(await htar('-cf', 'x.tar', 'd')).toMatchObject({ status: 0, out: expect.stringContaining('SUCCESSFUL') });
  expect(held(`${home}/x.tar`).length).toBe(3);
});

test('lie: success is said of what was not done', async () => {
  const { hsi, htar, held } = await faulty({ do: { kind: 'lie', does: false, says: 'success' } });
  expect(await hsi('put f : x; rm there; mkdir m')).toMatchObject({
    status: 0,
    err: expect.stringMatching(/put {2}'f' : .*1000 bytes.*\nrm: .*there.*\nmkdir: /s),
  });
  expect(await htar('-cvf', 'a.tar', '-H', 'crc:verify=all', 'd')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/HTAR: a {3}d\/g\n.*Create complete for a\.tar\. .*HTAR: HTAR SUCCESSFUL\n/s),
  });
  expect(held(`${home}/there`).toString()).toBe(content);
  expect(() => held(`${home}/x`)).toThrow('ENOENT');
  expect(() => held(`${home}/m`)).toThrow('ENOENT');
  expect(() => held(`${home}/a.tar`)).toThrow('ENOENT');
  expect(() => held(`${home}/a.tar.idx`)).toThrow('ENOENT');
});

test('lie: it was done, and failure or nothing is said', async () => {
  const { hsi, htar, held, script } = await faulty({ do: { kind: 'lie', does: true, says: 'failure', exit: 64 } });
  expect(await hsi('-q', 'put f : x')).toEqual({ status: 64, out: '', err: 'put: Error -5 on transfer\n' });
  expect(held(`${home}/x`).toString()).toBe(content);
  expect(await htar('-cf', 'a.tar', 'd')).toMatchObject({ status: 64, out: 'HTAR: HTAR FAILED\n' });
  expect(held(`${home}/a.tar.idx`).length).toBeGreaterThan(0);
  script({ do: { kind: 'lie', does: true, says: 'nothing' } });
  expect(await hsi('ls -1')).toMatchObject({ status: 0, err: expect.not.stringContaining('there') });
  expect(await htar('-cf', 'b.tar', 'd')).toEqual({ status: 0, out: '', err: '' });
  expect(held(`${home}/b.tar`).length).toBeGreaterThan(0);
});

test('omit: no index, and SUCCESSFUL with status 0', async () => {
  const { htar, held } = await faulty({ tool: 'htar', do: { kind: 'omit', what: 'index' } });
  expect(await htar('-cf', 'a.tar', 'd')).toMatchObject({ status: 0, out: expect.stringContaining('HTAR SUCCESSFUL') });
  expect(held(`${home}/a.tar`).length).toBeGreaterThan(0);
  expect(() => held(`${home}/a.tar.idx`)).toThrow('ENOENT');
});

test('expire: from some command on the login is not valid, and the first line does not say so', async () => {
  const { hsi, script, htar } = await faulty({ words: ['mkdir b'], do: { kind: 'expire' } });
  const ran = await hsi('-q', 'mkdir a; mkdir b; mkdir c');
  expect(ran.status).toBe(77);
  expect(ran.err).toMatch(/^result = -11000, errno = 29\nUnable to authenticate user with HPSS\.\n/);
  script();
  expect((await hsi('-q', 'ls -1')).err).toBe('a\nthere\n');
  script({ at: 'login', do: { kind: 'expire' } });
  expect(await hsi('-q', 'pwd')).toMatchObject({ status: 77, err: expect.stringContaining('-11000') });
  expect(await htar('-tf', 'a')).toMatchObject({ status: 77, err: expect.stringContaining('-11000') });
});

test('drop: the connection goes in the middle of a transfer; half a file stays, and later commands are not done', async () => {
  const { hsi, held } = await faulty({ words: ['put'], do: { kind: 'drop', bytes: 400 } });
  const ran = await hsi('-q', 'put f : x; mkdir later');
  expect(ran).toEqual({
    status: 71,
    out: '',
    err: 'connect: Connection refused\nUnable to setup communication to HPSS...\nAborting transfer\n',
  });
  expect(held(`${home}/x`).length).toBe(400);
  expect(() => held(`${home}/later`)).toThrow('ENOENT');
});

test('drop: in the middle of a listing, of an archive, and just behind a deed', async () => {
  const { hsi, htar, held, script } = await faulty({ words: ['ls'], do: { kind: 'drop', bytes: 4 } });
  expect(await hsi('-q', 'ls -1')).toMatchObject({
    status: 71,
    err: expect.stringMatching(/^therconnect: Connection refused\n/),
  });
  script({ tool: 'htar', do: { kind: 'drop', bytes: 700 } });
  expect(await htar('-cf', 'a.tar', 'd')).toMatchObject({ status: 71, out: 'HTAR: HTAR FAILED\n' });
  expect(held(`${home}/a.tar`).length).toBe(700);
  expect(() => held(`${home}/a.tar.idx`)).toThrow('ENOENT');
  script({ words: ['mkdir'], do: { kind: 'drop' } });
  expect(await hsi('-q', 'mkdir made')).toMatchObject({ status: 71 });
  script();
  expect((await hsi('-q', 'ls -1')).err).toContain('made');
});

test('down: at login and in a session', async () => {
  const { hsi, htar, script } = await faulty({ at: 'login', do: { kind: 'down' } });
  const text = 'hpssex_OpenConnection: unable to obtain remote site info\nresult = -5000, errno = 0\n';
  expect(await hsi('-q', 'pwd')).toMatchObject({ status: 69, err: expect.stringContaining(text) });
  expect(await htar('-tf', 'a')).toMatchObject({ status: 69, err: expect.stringContaining(text) });
  script({ words: ['pwd'], do: { kind: 'down' } });
  expect(await hsi('-q', 'mkdir a; pwd; mkdir b')).toMatchObject({ status: 69 });
  script();
  expect((await hsi('-q', 'ls -1')).err).toBe('a\nthere\n');
});

test('slow: counted, not waited for', async () => {
  const { hsi, sessions } = await faulty({ words: ['pwd'], do: { kind: 'slow', seconds: 5000 } });
  expect(await hsi('-q', 'pwd')).toMatchObject({ status: 0 });
  expect(sessions().at(-1)!.seconds).toBeGreaterThan(5000);
});

test('skip, times and oneIn count over all sessions', async () => {
  const { hsi } = await faulty({ words: ['pwd'], skip: 1, oneIn: 3, times: 2, do: { kind: 'fail', exit: 9 } });
  const statuses: number[] = [];
  for (let at = 0; at < 12; at += 1) statuses.push((await hsi('-q', 'pwd')).status);
  expect(statuses).toEqual([0, 0, 0, 9, 0, 0, 9, 0, 0, 0, 0, 0]);
});

test('the first rule that is due counts; words must all be there', async () => {
  const { hsi } = await faulty(
    { words: ['mkdir', 'x'], do: { kind: 'fail', exit: 1 } },
    { words: ['mkdir'], do: { kind: 'fail', exit: 2 } },
  );
  expect((await hsi('-q', 'mkdir x')).status).toBe(1);
  expect((await hsi('-q', 'mkdir y')).status).toBe(2);
});

test.each([
  [{ do: { kind: 'explode' } }, 'there is no fault "explode"'],
  [{ toll: 'hsi', do: { kind: 'down' } }, 'a rule has no "toll"'],
])('a script with a slip is refused: %j', async (rule, text) => {
  const { hsi } = await faulty(rule as never);
  await expect(hsi('pwd')).rejects.toThrow(text);
});
