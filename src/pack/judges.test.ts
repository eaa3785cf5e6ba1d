import { execFileSync, spawnSync } from 'node:child_process';
import {
  ftruncateSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needing } from '../../test/needing.ts';
import { nameFromBytes, nameToBytes } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { headerRoom, writeMemberHeader } from './member-header.ts';
import { tarIndex } from './tar-index.ts';
import { memoryItem, packed } from './test-archive.ts';

/** Readers that know nothing of us. Where one is absent its tests are skipped, but never in CI. */
const python = `
import os, sys, tarfile
tar = tarfile.open(sys.argv[2])
if sys.argv[1] == 'list':
    for member in tar:
        sys.stdout.buffer.write(os.fsencode(member.name) + b'\\0' + str(member.size).encode() + b'\\0')
else:
    tar.extractall(sys.argv[3], numeric_owner=True, **({'filter': 'fully_trusted'} if hasattr(tarfile, 'fully_trusted_filter') else {}))
`;
const judges = [
  {
    name: 'GNU tar',
    program: 'tar',
    install: 'apt-get install tar',
    extract: (a: string, to: string) => ['--warning=no-timestamp', '-xpf', a, '-C', to],
    nanoseconds: true,
  },
  {
    name: 'bsdtar',
    program: 'bsdtar',
    install: 'apt-get install libarchive-tools',
    extract: (a: string, to: string) => ['-xpf', a, '-C', to],
    nanoseconds: true,
  },
  {
    name: 'tarfile',
    program: 'python3',
    install: 'apt-get install python3',
    extract: (a: string, to: string) => ['-c', python, 'extract', a, to],
    nanoseconds: false,
  },
];

const folder = mkdtempSync(join(tmpdir(), 'stowage-judges-'));
const archivePath = join(folder, 'odd.tar');
afterAll(() => {
  spawnSync('chmod', ['-R', 'u+rwx', folder]);
  rmSync(folder, { recursive: true, force: true });
});

const time = 1_650_000_000_123_456_789n;
const bytes = (...parts: (string | number)[]) =>
  nameFromBytes(Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part)))));
const long = Array.from({ length: 6 }, (_, index) => String(index).repeat(60)).join('/');
const names = [
  'plain',
  '-rf',
  '--checkpoint-action=exec=sh',
  'new\nline',
  ' blanks ',
  'trailing ',
  'quote\'"',
  'back\\slash\\n',
  'tab\there',
  'bell\x07',
  '%41',
  'x'.repeat(255),
  'é'.repeat(127),
  '\u{1f600}\u{20000}',
  'e\u0301',
  '\u00e9',
  'équipe',
  long,
  `${long}-more/${'é'.repeat(100)}`,
  bytes('caf', 0xe9),
  bytes('d', 0xff, '/', 0xc3, 0x28),
  bytes('y', 0xfe).repeat(120),
  `${bytes('p', 0xfe).repeat(70)}/${bytes('q', 0xfe).repeat(45)}`,
  `${'p'.repeat(150)}/${'q'.repeat(95)}`,
  '#',
  '*',
  '~',
  '=',
  '名前/ファイル',
];
const items = [
  ...names.map((path) => memoryItem({ path, mtimeNs: time }, Buffer.from(`content of ${path}`))),
  memoryItem({ path: 'empty', mtimeNs: 0n }),
  memoryItem({ path: 'old', mtimeNs: -86_400_000_000_000n }),
  memoryItem({ path: 'late', mtimeNs: 9_000_000_000_000_000_000n }),
  memoryItem({ path: 'setuid', mode: 0o4755 }, Buffer.from('s')),
  memoryItem({ path: 'closed', mode: 0 }, Buffer.from('c')),
  memoryItem({ path: 'owned', uid: 3_000_000_000, gid: 2_100_000 }),
  memoryItem({ path: 'folder', type: 'directory', mode: 0o750, mtimeNs: time }),
  memoryItem({ path: 'hard', bytes: 16, hardLink: 'plain', mtimeNs: time }),
  memoryItem({ path: 'hard-odd', hardLink: bytes('y', 0xfe).repeat(120), mtimeNs: time }),
  memoryItem({ path: 'dangling', type: 'link', target: 'no where/../x', mode: 0o777 }),
  memoryItem({ path: 'link-long', type: 'link', target: `/${long}`, mode: 0o777 }),
  memoryItem({ path: 'link-odd', type: 'link', target: bytes(0xff, 0xfe, '\n'), mode: 0o777 }),
  memoryItem({ path: 'link-long-odd', type: 'link', target: `${bytes(0xff)}${long}`, mode: 0o777 }),
];
let members: readonly Member[] = [];
beforeAll(async () => {
  const made = await packed(items);
  members = made.members;
  writeFileSync(archivePath, made.archive);
});

for (const { name, program, install, extract, nanoseconds } of judges) {
  const present = spawnSync(program, ['--version']).status === 0;
  needing(present).describe(name, () => {
    test.each(['C', 'C.UTF-8'])('extracts everything as it was, silently, with LC_ALL=%s', (locale) => {
      if (!present) throw new Error(`${program} is needed in CI: ${install}`);
      const to = join(folder, `${program}-${locale}`);
      mkdirSync(to);
      const run = spawnSync(program, extract(archivePath, to), {
        env: { ...process.env, LC_ALL: locale },
        encoding: 'utf8',
      });
      expect([run.status, run.stderr, run.stdout]).toEqual([0, '', '']);
      for (const member of members) {
        const at = Buffer.concat([Buffer.from(`${to}/`), nameToBytes(member.path)]);
        const found = lstatSync(at, { bigint: true });
        if (member.target !== undefined) {
          expect(nameFromBytes(readlinkSync(at, 'buffer'))).toBe(member.target);
          continue;
        }
        const source = members.find((other) => other.path === (member.hardLink ?? member.path))!;
        // Who may not give a file to its owner does not get its set-user-id bit either, says bsdtar.
        const bits = process.getuid?.() === 0 ? 0o7777 : 0o777;
        expect(Number(found.mode) & bits, member.path).toBe(source.mode & bits);
        if (process.getuid?.() === 0) expect([Number(found.uid), Number(found.gid)]).toEqual([source.uid, source.gid]);
        const gap = found.mtimeNs - source.mtimeNs;
        // Python keeps times as floating point numbers.
        expect(gap < 0n ? -gap : gap, member.path).toBeLessThan(nanoseconds ? 1n : 2_000n);
        if (member.type === 'directory') {
          expect(found.isDirectory()).toBe(true);
          continue;
        }
        if (source.mode !== 0 || process.getuid?.() === 0) {
          const expected = names.includes(source.path) ? `content of ${source.path}` : undefined;
          if (expected !== undefined) expect(readFileSync(at).equals(Buffer.from(expected)), member.path).toBe(true);
          else expect(Number(found.size)).toBe(source.bytes);
        }
        if (member.hardLink !== undefined) {
          expect(found.ino).toBe(
            lstatSync(Buffer.concat([Buffer.from(`${to}/`), nameToBytes(source.path)]), { bigint: true }).ino,
          );
        }
      }
    });

    test('lists a file of more than 8 GiB with its size', () => {
      if (!present) throw new Error(`${program} is needed in CI: ${install}`);
      const path = join(folder, 'big.tar');
      const size = 2 ** 33 + 5;
      const member = { path: 'big', type: 'file' as const, bytes: size, mtimeNs: 0n, mode: 0o644, uid: 0, gid: 0 };
      const header = Buffer.alloc(headerRoom(member));
      const length = writeMemberHeader(header, 0, member);
      const file = openSync(path, 'w');
      writeSync(file, header, 0, length, 0);
      ftruncateSync(file, length + Math.ceil(size / 512) * 512 + 1024);
      const args = program === 'python3' ? ['-c', python, 'list', path] : ['-tvf', path];
      expect(execFileSync(program, args, { encoding: 'utf8' })).toContain(String(size));
      rmSync(path);
    });
  });
}

needing(spawnSync('tar', ['--version']).status === 0).test.each(['v7', 'oldgnu', 'gnu', 'ustar', 'posix'])(
  'what GNU tar writes as %s is indexed as it is',
  async (format) => {
    const root = join(folder, `made-${format}`);
    mkdirSync(join(root, 'd'), { recursive: true });
    const odd = bytes('caf', 0xe9);
    const far = format === 'v7' ? 'short' : format === 'ustar' ? `${'p'.repeat(80)}/${'q'.repeat(80)}` : long;
    mkdirSync(join(root, far), { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/d/`), nameToBytes(odd)]), 'abc');
    writeFileSync(join(root, far, 'file'), Buffer.alloc(70_000));
    writeFileSync(join(root, 'd', 'two'), 'two names');
    execFileSync('ln', [join(root, 'd', 'two'), join(root, 'zz')]);
    execFileSync('ln', ['-s', 'over there', join(root, 'link')]);
    execFileSync('tar', ['-cf', `${root}.tar`, '--sort=name', `--format=${format}`, '-C', root, '.']);
    const archive = readFileSync(`${root}.tar`);
    const found = new Map<string, Member>();
    for await (const item of tarIndex(async (start, stop) => archive.subarray(start, stop), archive.length)) {
      expect(item.kind).toBe('member');
      if (item.kind === 'member') found.set(item.member.path, item.member);
    }
    expect(found.get('')).toMatchObject({ type: 'directory' });
    expect(found.get(`d/${odd}`)).toMatchObject({ bytes: 3, mode: expect.any(Number) });
    expect(found.get(`${far}/file`)).toMatchObject({ bytes: 70_000 });
    expect(found.get('zz')).toMatchObject({ hardLink: 'd/two', bytes: 9 });
    expect(found.get('link')).toMatchObject({ type: 'link', target: 'over there' });
    const { mtimeNs } = lstatSync(join(root, 'zz'), { bigint: true });
    const grain = format === 'posix' ? 1n : 1_000_000_000n;
    expect(found.get('d/two')!.mtimeNs).toBe((mtimeNs / grain) * grain);
  },
);
