import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fsPath, nameFromBytes } from '../../../model/byte-name.ts';
import { quoted, testSystem } from '../test-system.ts';

const home = '/home/e/elvis';

/** Any name that a line can carry. */
const anyName = fc
  .uint8Array({ minLength: 1, maxLength: 60 })
  .filter((bytes) => !bytes.some((byte) => byte === 0 || byte === 10 || byte === 0x2f))
  .map((bytes) => nameFromBytes(Buffer.from(bytes)))
  .filter((name) => name !== '.' && name !== '..');

test('put then get gives the same bytes, under any name that a line can carry', async () => {
  const { hsi, plant, work } = await testSystem();
  await fc.assert(
    fc.asyncProperty(anyName, fc.uint8Array({ maxLength: 3000 }), async (name, bytes) => {
      plant({ source: bytes });
      const there = quoted(`./${name}`);
      expect(await hsi('-q', `put -p source : ${there}`)).toEqual({ status: 0, out: '', err: '' });
      expect(await hsi('-q', `get back : ${there}`)).toEqual({ status: 0, out: '', err: '' });
      expect(readFileSync(join(work, 'back')).equals(bytes)).toBe(true);
      expect((await hsi('-q', 'ls -1a')).err).toBe(`${name}\n`);
      expect((await hsi('-q', `get ${there} : ${there}`)).status).toBe(0);
      expect(readFileSync(fsPath(`${work}/${name}`)).equals(bytes)).toBe(true);
      expect(await hsi('-q', `rm ${there}`)).toEqual({ status: 0, out: '', err: '' });
    }),
    { numRuns: 60 },
  );
});

test('standard input and standard output', async () => {
  const { hsi, withInput } = await testSystem();
  const bytes = Buffer.from('any\0bytes\xff\n', 'latin1');
  expect(await withInput(bytes).hsi('put - : x')).toMatchObject({
    status: 0,
    err: expect.stringMatching(/\nput {2}'<stdin>' : '\/home\/e\/elvis\/x' \( 11 bytes, \d+\.\d KBS \(cos=5081\)\)\n$/),
  });
  const got = await hsi('get - : x');
  expect(got.out).toBe(nameFromBytes(bytes));
  expect(got.err).toMatch(
    /\nget {2}'<stdout>' : '\/home\/e\/elvis\/x' \(2014\/08\/22 21:44:36 11 bytes, \d+\.\d KBS \)\n$/,
  );
});

test('a plain put overwrites silently, and what was known of the old content is gone', async () => {
  const { hsi, plant, held } = await testSystem();
  plant({ one: 'one', two: 'the second' });
  await hsi('-q', 'put -c on one : x');
  expect(await hsi('-q', 'put two : x')).toEqual({ status: 0, out: '', err: '' });
  expect(held(`${home}/x`).toString()).toBe('the second');
  expect((await hsi('-q', 'hashlist x')).err).toContain('no valid checksum found');
});

test('put and get of several files: pairs, single names, -R', async () => {
  const { hsi, plant, held, work } = await testSystem();
  plant({ f1: '1', f2: '2', 'd/a': 'a', 'd/e/b': 'b' });
  await hsi('-q', 'mkdir d; put f1 : file1 f2; put -R d : copy');
  expect(held(`${home}/file1`).toString()).toBe('1');
  expect(held(`${home}/f2`).toString()).toBe('2');
  expect(held(`${home}/copy/e/b`).toString()).toBe('b');
  expect((await hsi('-q', 'get -R back : copy')).status).toBe(0);
  expect(readFileSync(join(work, 'back/e/b'), 'utf8')).toBe('b');
  await hsi('-q', 'cd copy; mput f1; lcd d; mget e/b');
  expect(held(`${home}/copy/f1`).toString()).toBe('1');
  expect(readdirSync(join(work, 'd'))).toContain('b');
});

test('cput stores what is absent or older; cget gets what is absent', async () => {
  const { hsi, plant, held, work } = await testSystem();
  plant({ f: 'old' });
  utimesSync(join(work, 'f'), 1e9, 1e9);
  await hsi('-q', 'cput f : x');
  plant({ f: 'new' });
  utimesSync(join(work, 'f'), 1e9, 1e9);
  await hsi('-q', 'save f : x; put -u f : x');
  expect(held(`${home}/x`).toString()).toBe('old');
  utimesSync(join(work, 'f'), 2e9, 2e9);
  await hsi('-q', 'cput f : x');
  expect(held(`${home}/x`).toString()).toBe('new');
  plant({ there: 'mine' });
  await hsi('-q', 'cget there : x; cget absent : x');
  expect(readFileSync(join(work, 'there'), 'utf8')).toBe('mine');
  expect(readFileSync(join(work, 'absent'), 'utf8')).toBe('new');
});

test('put -t goes on where a broken one ended; -P makes directories; -B keeps the old one', async () => {
  const { hsi, plant, held } = await testSystem();
  plant({ part: 'abc', whole: 'abcdef' });
  await hsi('-q', 'put part : x; put -t whole : x; put -P whole : a/b/c; put -B part : x');
  expect(held(`${home}/x~`).toString()).toBe('abcdef');
  expect(held(`${home}/x`).toString()).toBe('abc');
  expect(held(`${home}/a/b/c`).toString()).toBe('abcdef');
});

test('put -d removes the local file, but not one that was not stored; -n takes only new files; -M sets the mode', async () => {
  const { hsi, plant, work, configure } = await testSystem();
  plant({ f: 'f', g: 'g' });
  await hsi('-q', 'put -d -M 640 f : x; put -d g : no/x');
  expect(existsSync(join(work, 'f'))).toBe(false);
  expect(existsSync(join(work, 'g'))).toBe(true);
  expect((await hsi('-q', 'ls -l x')).err).toMatch(/^-rw-r----- /);
  configure({ now: '2099-01-01T00:00:00Z' });
  await hsi('-q', 'put -n 3 g : y');
  expect((await hsi('-q', 'ls -1')).err).toBe('x\n');
});

test('put -p and get -p keep the time; without them it is the time of the transfer', async () => {
  const { hsi, plant, work } = await testSystem();
  plant({ f: 'f' });
  utimesSync(join(work, 'f'), 1e9, 1e9);
  await hsi('-q', 'put -p f : x; put f : y; get -p back : x');
  expect((await hsi('-q', 'ls -D x y')).err).toMatch(/Sat Sep {2}8 18:46:40 2001 x\n.*Fri Aug 22 21:44:36 2014 y\n/);
  expect(lstatSync(join(work, 'back')).mtimeMs).toBe(1e12);
});

test('put -h keeps a link; without it the content is stored', async () => {
  const { hsi, plant, work, held, folder } = await testSystem();
  plant({ f: 'f' });
  symlinkSync('f', join(work, 'l'));
  await hsi('-q', 'put l : content; put -h l : link');
  expect(held(`${home}/content`).toString()).toBe('f');
  expect(readlinkSync(join(folder, 'files', home, 'link'))).toBe('f');
});

test('links lead within HPSS, never out into the machine', async () => {
  const { hsi, plant } = await testSystem();
  plant({ f: 'stored' });
  await hsi('-q', 'mkdir /etc; put f : /etc/passwd; ln -s /etc/passwd l; ln -s ../../.. up');
  expect((await hsi('-q', 'get - : l')).out).toBe('stored');
  expect((await hsi('-q', 'get - : up/../../etc/passwd')).out).toBe('stored');
  expect((await hsi('-q', 'get - : ../../../../../../etc/passwd')).out).toBe('stored');
});

test('commands from a file, from standard input, and lists behind <<', async () => {
  const { hsi, withInput, plant, held } = await testSystem();
  plant({ commands: 'mkdir a\n# a remark\nput commands : a/x; pwd\n', one: '1', 'two 2': '2' });
  expect(await hsi('-q', 'in commands')).toEqual({ status: 0, out: '', err: '/home/e/elvis\n' });
  expect(held(`${home}/a/x`).length).toBeGreaterThan(0);
  expect(await withInput('cd a\npwd\nquit\npwd\n').hsi('-q')).toEqual({ status: 0, out: '', err: '/home/e/elvis/a\n' });
  await withInput('mput <<END\none\n"two 2"\nEND\n').hsi('-q');
  expect((await hsi('-q', 'ls -1')).err).toBe('a\none\ntwo 2\n');
  expect(await hsi('-q', 'in nowhere')).toMatchObject({ status: 66, err: expect.stringContaining('*** in: ENOENT') });
});

test('-e, and echo in a session, print each command line before it is run', async () => {
  const { hsi, withInput } = await testSystem();
  expect((await hsi('-q', '-e', "cd '/'; pwd")).err).toBe("cd '/'\npwd\n/\n");
  expect((await withInput('echo\npwd\n# marker 7\necho off\npwd\n').hsi('-q')).err).toBe(
    'pwd\n/home/e/elvis\n# marker 7\necho off\n/home/e/elvis\n',
  );
});

test('words as separate arguments are joined: an argument with a blank is two words', async () => {
  const { hsi } = await testSystem();
  await hsi('-q', 'mkdir', 'a b');
  await hsi('-q', 'mkdir', '"c d"');
  expect((await hsi('-q', 'ls', '-1')).err).toBe('a\nb\nc d\n');
});

test('wildcards in paths of HPSS', async () => {
  const { hsi, plant } = await testSystem();
  plant({ f: 'f' });
  await hsi('-q', 'mkdir d; put f : d/a.tar; put f : d/b.tar; put f : d/b.tar.idx; put f : "d/*"');
  expect((await hsi('-q', 'ls -1 d/*.tar')).err).toBe('d/a.tar\nd/b.tar\n');
  expect((await hsi('-q', 'ls -1 d/{a,b}.t??')).err).toBe('d/a.tar\nd/b.tar\n');
  await hsi('-q', 'rm "d/*"');
  expect((await hsi('-q', 'ls -1 d')).err).toBe('d/a.tar\nd/b.tar\nd/b.tar.idx\n');
});

test('names: mv, cp, rm, ln, chmod, chgrp, touch', async () => {
  const { hsi, plant, held } = await testSystem();
  plant({ f: 'f' });
  await hsi('-q', 'put f : a; mkdir d; cp a b; mv a d; chmod 640 b; chgrp desi b; touch t; mv b c');
  expect(held(`${home}/d/a`).toString()).toBe('f');
  expect((await hsi('-q', 'ls -l c')).err).toMatch(/^-rw-r----- +1 elvis +desi /);
  expect((await hsi('rm d/a')).err).toContain('rm: /home/e/elvis/d/a (2014/08/22 21:44:36 1 bytes)\n');
  await hsi('-q', 'rm -R d');
  expect((await hsi('-q', 'ls -1')).err).toBe('c\nt\n');
});

test('a setgid directory passes its group on', async () => {
  const { hsi } = await testSystem();
  await hsi('-q', 'mkdir -m 2770 p; chgrp desi p; mkdir p/q');
  expect((await hsi('-q', 'ls -l p')).err).toMatch(/drwxr-sr-x +2 elvis +desi +512 .* q\n/);
});
