import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runBuiltAlien } from '../../../../test/built-alien.ts';
import { gridStand } from '../../../../test/grid-stand.ts';
import { needing } from '../../../../test/needing.ts';
import { hasXrootd } from '../../../../test/xrootd-servers.ts';

const { test } = needing(hasXrootd);
const bytes = Buffer.concat([Buffer.from([0xff, 0xfe, 0]), Buffer.from('one\ntwo\n')]);

test('cat prints every byte, of whichever replica is right, and nothing of one that is not', async () => {
  const stand = await gridStand([{ name: 'one' }, { name: 'two' }]);
  const cat = (...argv: readonly string[]) => runBuiltAlien(stand.env, ...argv);
  const lfn = stand.plant('a b,c@d.bin', bytes, 'one', 'two');
  stand.plant('plain.txt', Buffer.from('plain\n'));
  const copy = join(stand.temporary, 'copy');
  expect(await cat(`cat '${lfn}' plain.txt | cat > ${copy}`)).toMatchObject({ status: 0, err: '' });
  expect(readFileSync(copy)).toEqual(Buffer.concat([bytes, Buffer.from('plain\n')]));
  expect((await cat('cat', 'a b,c@d.bin')).out).toBe(bytes.toString('utf8'));

  stand.corrupt(lfn, 'one');
  const told = await cat('cat', lfn);
  expect(told).toMatchObject({ status: 0, out: bytes.toString('utf8') });
  expect(told.err).toContain('the replica at LOCALHOST::JTESTSITE::one is of no use');
  stand.lose(lfn, 'two');
  const none = await cat(`cat '${lfn}' | echo the program ran`);
  expect(none.status).not.toBe(0);
  expect(none.out).toBe('');
  expect((await cat('cat', 'nothere')).status).toBe(2);
  expect((await cat('cat')).status).toBe(22);
  // A reader that has enough is no fault.
  stand.plant('long', randomBytes(3 << 20));
  expect(await cat('cat long | head -c 3 | wc -c')).toMatchObject({ status: 0, out: '3\n' });
  // Of what is too long to be held back, a lie is told at the end.
  stand.corrupt(stand.plant('longer', randomBytes(9 << 20)), 'one');
  const lied = await cat('cat longer | wc -c');
  expect(lied).toMatchObject({ out: `${9 << 20}\n`, err: expect.stringContaining('MD5') });
  expect(lied.status).not.toBe(0);
});

test('programs of this machine work on copies, which are gone afterwards', async () => {
  const stand = await gridStand([{ name: 'one' }, { name: 'two' }]);
  const alien = (...argv: readonly string[]) => runBuiltAlien(stand.env, ...argv);
  stand.plant('in/three.txt', Buffer.from('one\ntwo\nthree\n'));
  stand.plant('in/two words.txt', Buffer.from('four\n'));
  expect(await alien('run', 'grep', '-h', '-c', 'o', 'in/three.txt')).toMatchObject({ status: 0, out: '2\n' });
  expect(await alien('run', '-noout', 'grep -n', 'four', 'in/two words.txt')).toMatchObject({ out: '1:four\n' });
  const both = await alien('run', 'cat', 'alien:in/three.txt', '-n', 'alien:in/two words.txt');
  expect(both.out).toMatch(/^ +1\tone\n.* +4\tfour\n$/s);
  expect(await alien('run false in/three.txt')).toMatchObject({ status: 1, err: '' });
  expect(await alien('run cat in/three.txt | wc -l')).toMatchObject({ status: 0, out: '3\n' });
  expect((await alien('run', 'basename', 'in/three.txt')).out).toMatch(/^%%.*%%in%%three\.txt_\d+\.alienpy_tmp\n$/);
  expect((await alien('run', 'no-such-program', 'in/three.txt')).status).toBe(1);
  expect((await alien('run', 'cat')).status).toBe(22);
  expect(await alien('less in/three.txt | wc -l')).toMatchObject({ out: '3\n' });

  // A copy that turned out to be wrong at its end is made again from elsewhere.
  const long = randomBytes(9 << 20);
  stand.corrupt(stand.plant('long', long, 'one', 'two'), 'one');
  const sum = await alien('run', 'md5sum', 'long');
  expect(sum).toMatchObject({ status: 0, err: expect.stringContaining('JTESTSITE::one') });
  expect(sum.out.slice(0, 32)).toBe(createHash('md5').update(long).digest('hex'));

  stand.plant('hello.sh', Buffer.from('#!/bin/sh\necho "hello $1"; exit 7\n'));
  stand.plant('bare', Buffer.from('echo "bare $#"\n'));
  expect(await alien('exec', 'hello.sh', 'a;b')).toMatchObject({ status: 7, out: 'hello a;b\n' });
  expect(await alien('exec bare x -h')).toMatchObject({ status: 0, out: 'bare 2\n' });
  expect(await alien('exec -h')).toMatchObject({ status: 0, out: expect.stringContaining('exec LFN') });
  expect(readdirSync(stand.temporary).filter((name) => !name.startsWith('token'))).toEqual([]);
});

test('what lies here from before is never taken for what is on the Grid now', async () => {
  const stand = await gridStand([{ name: 'one' }]);
  const lfn = stand.plant('x.txt', Buffer.from('new\n'));
  const uid = process.getuid!();
  writeFileSync(join(stand.temporary, `${lfn.replaceAll('/', '%%')}_${uid}.alienpy_tmp`), 'old\n');
  expect((await runBuiltAlien(stand.env, 'run', 'cat', 'x.txt')).out).toBe('new\n');
});
