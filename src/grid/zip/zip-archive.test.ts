import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { nameToBytes } from '../../model/byte-name.ts';
import { memberBytes } from './member-bytes.ts';
import { findMember, tailBytes, type ZipArchive } from './zip-archive.ts';

/** Bytes as an archive, of which only so many of the end are known without reading; and what was read of it. */
function archiveOf(bytes: Buffer, tail = tailBytes): ZipArchive & { readonly asked: [number, number][] } {
  const asked: [number, number][] = [];
  return {
    asked,
    bytes: bytes.length,
    tail: bytes.subarray(Math.max(0, bytes.length - tail)),
    async *stream(offset, length) {
      asked.push([offset, length]);
      // In pieces that end anywhere.
      for (let at = offset; at < offset + length; at += 13) {
        yield bytes.subarray(at, Math.min(at + 13, offset + length));
      }
    },
  };
}

async function unpacked(archive: ZipArchive, name: string): Promise<Buffer> {
  const member = await findMember(archive, nameToBytes(name));
  const chunks: Buffer[] = [];
  for await (const chunk of memberBytes(archive, member)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const contents: Readonly<Record<string, Buffer>> = {
  'a text': Buffer.from('what the detector saw\n'.repeat(500)),
  noise: randomBytes(5000),
  empty: Buffer.alloc(0),
  'dir/ünï, @x': Buffer.from('deep'),
};

async function zipped(...options: readonly string[]): Promise<Buffer> {
  const folder = await scratchFolder();
  mkdirSync(join(folder, 'dir'));
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(folder, name), bytes);
  execFileSync('zip', ['-q', ...options, 'archive.zip', ...Object.keys(contents)], { cwd: folder });
  return readFileSync(join(folder, 'archive.zip'));
}

/** What Python's zipfile makes by these lines, in which `zip` is an archive that is written. */
async function byPython(lines: string): Promise<Buffer> {
  const file = join(await scratchFolder(), 'archive.zip');
  execFileSync('python3', [
    '-c',
    `import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as zip:\n${lines}`,
    file,
  ]);
  return readFileSync(file);
}

test.each([
  ['deflated', []],
  ['stored', ['-0']],
  ['large (zip64)', ['-fz']],
  ['with the sizes behind the bytes', ['-fd']],
] as const)('members of what zip makes, %s', async (_, options) => {
  const bytes = await zipped(...options);
  for (const tail of [tailBytes, 100]) {
    for (const [name, content] of Object.entries(contents)) {
      expect((await unpacked(archiveOf(bytes, tail), name)).equals(content), name).toBe(true);
    }
  }
  await expect(unpacked(archiveOf(bytes), 'no such')).rejects.toMatchObject({ code: 'missing' });
});

test('members of what Python makes: zip64, a comment with a false end in it, a long extra field, something put in front', async () => {
  const bytes = await byPython(
    [
      '    with zip.open("streamed", "w", force_zip64=True) as out: out.write(b"x" * 1000)',
      '    info = zipfile.ZipInfo("extra"); info.extra = b"\\x99\\x99\\xf4\\x01" + b"y" * 500',
      '    zip.writestr(info, b"behind much")',
      '    zip.comment = b"PK\\x05\\x06" + b"\\0" * 30',
    ].join('\n'),
  );
  const shifted = Buffer.concat([randomBytes(777), bytes]);
  for (const archive of [bytes, shifted]) {
    expect((await unpacked(archiveOf(archive, 120), 'streamed')).toString()).toBe('x'.repeat(1000));
    expect((await unpacked(archiveOf(archive, 120), 'extra')).toString()).toBe('behind much');
  }
});

test('only the ranges that are needed are read', async () => {
  const folder = await scratchFolder();
  writeFileSync(join(folder, 'noise'), randomBytes(1_000_000));
  writeFileSync(join(folder, 'wanted'), 'small');
  execFileSync('zip', ['-q', 'archive.zip', 'wanted', 'noise'], { cwd: folder });
  const archive = archiveOf(readFileSync(join(folder, 'archive.zip')));
  expect((await unpacked(archive, 'wanted')).toString()).toBe('small');
  expect(archive.asked.map(([, length]) => length).reduce((a, b) => a + b, 0)).toBeLessThan(300);
});

interface Made {
  readonly name?: string;
  readonly content?: Buffer;
  readonly packed?: Buffer;
  readonly method?: number;
  readonly flags?: number;
  readonly bytes?: number;
  readonly packedBytes?: number;
  readonly crc?: number;
  readonly header?: number;
  readonly localName?: string;
  readonly times?: number;
}

/** An archive with one member, in which anything can be a lie. */
function lying(made: Made, change: (zip: Buffer) => void = () => undefined): Buffer {
  const { name = 'm', content = Buffer.from('hello hello hello'), method = 8, times = 1 } = made;
  const packed = made.packed ?? (method === 8 ? deflateRawSync(content) : content);
  const { flags = 0, bytes = content.length, packedBytes = packed.length, crc = crc32(content), header = 0 } = made;
  const localName = Buffer.from(made.localName ?? name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(localName.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50);
  entry.writeUInt16LE(flags, 8);
  entry.writeUInt16LE(method, 10);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(packedBytes, 20);
  entry.writeUInt32LE(bytes, 24);
  entry.writeUInt16LE(Buffer.byteLength(name), 28);
  entry.writeUInt32LE(header, 42);
  const body = Buffer.concat([local, localName, packed]);
  const directory = Buffer.concat(Array.from({ length: times }, () => [entry, Buffer.from(name)]).flat());
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(times, 8);
  end.writeUInt16LE(times, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(body.length, 16);
  const zip = Buffer.concat([body, directory, end]);
  change(zip);
  return zip;
}

test('the archive that the lies are made of is a good one', async () => {
  expect((await unpacked(archiveOf(lying({})), 'm')).toString()).toBe('hello hello hello');
  expect((await unpacked(archiveOf(lying({ method: 0 })), 'm')).toString()).toBe('hello hello hello');
});

const endAt = (zip: Buffer) => zip.length - 22;

test.each<[string, Buffer, string, RegExp]>([
  ['nothing', Buffer.alloc(0), 'corrupt', /no end/],
  ['no archive', randomBytes(200).fill(0x50), 'corrupt', /no end/],
  ['cut at its end', lying({}).subarray(0, -1), 'corrupt', /no end/],
  [
    'a member that unpacks to more than it says (a bomb)',
    lying({ content: Buffer.alloc(1 << 24), bytes: 1000 }),
    'corrupt',
    /more than its 1000/,
  ],
  ['a member that unpacks to less', lying({ bytes: 1000 }), 'corrupt', /unpacks to 17/],
  ['a length beyond the archive', lying({ packedBytes: 0x7fff_ffff }), 'corrupt', /place of the member/],
  ['a place beyond the archive', lying({ header: 0x7fff_ffff }), 'corrupt', /place of the member/],
  ['a place in the directory', lying({ header: 60 }), 'corrupt', /place of the member/],
  ['another name at its place', lying({ localName: 'n' }), 'corrupt', /name of the member/],
  ['a shorter name at its place', lying({ localName: '' }), 'corrupt', /of the member/],
  ['a wrong CRC-32', lying({ crc: 1 }), 'corrupt', /CRC-32/],
  ['bytes that are not deflated', lying({ packed: Buffer.alloc(17, 0xff) }), 'corrupt', /cannot be unpacked/],
  [
    'deflated bytes that break off',
    lying({ packed: deflateRawSync(randomBytes(100)).subarray(0, 50), bytes: 100 }),
    'corrupt',
    /cannot be unpacked/,
  ],
  ['stored, and of two sizes', lying({ method: 0, bytes: 5 }), 'corrupt', /size of the member/],
  ['zip64 sizes without a field', lying({ bytes: 0xffff_ffff }), 'corrupt', /size of the member/],
  ['the member twice', lying({ times: 2 }), 'corrupt', /twice/],
  ['encrypted', lying({ flags: 1 }), 'refused', /encrypted/],
  ['packed by bzip2', lying({ method: 12 }), 'refused', /method 12/],
  [
    'a directory without end',
    lying({}, (zip) => zip.writeUInt32LE(0x7fff_ffff, endAt(zip) + 12)),
    'refused',
    /directory/,
  ],
  [
    'a directory that begins before the archive',
    lying({}, (zip) => zip.writeUInt32LE(999, endAt(zip) + 12)),
    'corrupt',
    /directory/,
  ],
  ['a directory of something else', lying({}, (zip) => zip.writeUInt8(0, endAt(zip) - 47)), 'corrupt', /directory/],
  [
    'a directory whose names reach beyond it',
    lying({}, (zip) => zip.writeUInt16LE(999, endAt(zip) - 47 + 28)),
    'corrupt',
    /directory/,
  ],
  ['one of several parts', lying({}, (zip) => zip.writeUInt16LE(1, endAt(zip) + 4)), 'corrupt', /several parts/],
])('%s', async (_, zip, code, message) => {
  await expect(unpacked(archiveOf(zip), 'm')).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
