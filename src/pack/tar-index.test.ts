import { describe, expect, test } from 'vitest';
import { isStowageError } from '../errors.ts';
import type { Manifest } from '../model/manifest.ts';
import { storeKey } from '../model/store-key.ts';
import { readMembers } from './read-members.ts';
import { writeHeaderBlock } from './tar-header.ts';
import { tarIndex } from './tar-index.ts';
import { indexed, indexedMembers, memoryItem, packed, pieces } from './test-archive.ts';
import { verifyTar } from './verify-tar.ts';

const end = Buffer.alloc(1024);
const plain = { flag: '0', bytes: 0, seconds: 1, mode: 0o644, uid: 0, gid: 0 };

/** A header block made by hand; `change` works on it before its checksum is mended. */
function block(fields: Partial<Parameters<typeof writeHeaderBlock>[2]>, change?: (block: Buffer) => void): Buffer {
  const made = Buffer.alloc(512);
  writeHeaderBlock(made, 0, { ...plain, name: 'a', ...fields });
  change?.(made);
  made.fill(' ', 148, 156);
  const sum = made.reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, '0')}\0`, 148, 'latin1');
  return made;
}

function extended(flag: string, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([block({ flag, bytes: bytes.length }), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

const noMagic = (made: Buffer) => made.fill(0, 257, 265);

describe('archives of others', () => {
  test.each([
    ['v7, a directory by its slash', [block({ name: 'd/' }, noMagic)], [{ path: 'd', type: 'directory' }]],
    ['v7, type NUL', [block({ name: './f', flag: '\0' }, noMagic)], [{ path: 'f', type: 'file', offset: 512 }]],
    [
      'the root itself',
      [block({ name: './', flag: '5' }), block({ name: '.', flag: '5' })],
      [{ path: '' }, { path: '' }],
    ],
    [
      'GNU long names',
      [extended('K', 'to/far\0'), extended('L', './long\0'), block({ flag: '2' })],
      [{ path: 'long', target: 'to/far' }],
    ],
    ['pax over GNU', [extended('L', 'gnu\0'), extended('x', '12 path=pax\n'), block({})], [{ path: 'pax' }]],
    ['pax global', [extended('g', '12 uid=2222\n'), block({}), block({ name: 'b' })], [{ uid: 2222 }, { uid: 2222 }]],
    [
      'pax global taken back',
      [extended('g', '12 uid=2222\n'), extended('x', '7 uid=\n'), block({ uid: 7 })],
      [{ uid: 7 }],
    ],
    [
      'names under hdrcharset',
      [extended('x', Buffer.concat([Buffer.from('21 hdrcharset=BINARY\n9 path='), Buffer.of(0xff, 10)])), block({})],
      [{ path: '\udcff' }],
    ],
    [
      'base-256',
      [block({}, (made) => made.fill(0, 108, 116).fill(0x80, 108, 109).fill(1, 113, 114))],
      [{ uid: 65536 }],
    ],
    [
      'a time before 1970 in base-256',
      [block({}, (made) => made.fill(0xff, 136, 148))],
      [{ mtimeNs: -1_000_000_000n }],
    ],
    ['contiguous', [block({ flag: '7' })], [{ type: 'file' }]],
    [
      'a hard link',
      [block({ bytes: 3 }), Buffer.alloc(512, 1), block({ name: 'b', flag: '1', link: './a' })],
      [{ path: 'a' }, { path: 'b', hardLink: 'a', bytes: 3 }],
    ],
    [
      'links with a size and nothing behind',
      [block({ flag: '2', bytes: 5, link: 't' }), block({ name: 'b' })],
      [{ target: 't' }, { path: 'b' }],
    ],
    [
      'a hard link with its content',
      [block({ flag: '1', bytes: 5, link: 't' }), Buffer.alloc(512, 'x'), block({ name: 'b' })],
      [{ hardLink: 't' }, { path: 'b' }],
    ],
    [
      'hostile names stay',
      [block({ name: '../x' }), block({ name: '/y' }), block({ name: './/../z' })],
      [{ path: '../x' }, { path: '/y' }, { path: '../z' }],
    ],
  ] as const)('%s', async (_name, blocks, expected) => {
    const archive = Buffer.concat([...blocks, end]);
    expect(await indexedMembers(archive)).toMatchObject(expected);
  });

  test.each([
    ['a pipe', [block({ flag: '6' })], 'a', 'a pipe'],
    ['a device', [block({ flag: '3' })], 'a', 'a character device'],
    ['unknown', [block({ flag: 'Z' })], 'a', 'of the unknown type "Z"'],
    [
      'sparse',
      [block({ flag: 'S', bytes: 512 }, (made) => made.fill(1, 482, 483)), Buffer.alloc(512), Buffer.alloc(512, 1)],
      'a',
      'a sparse file in GNU form',
    ],
    [
      'pax sparse',
      [extended('x', '22 GNU.sparse.major=1\n23 GNU.sparse.name=abc\n'), block({})],
      'abc',
      'a sparse file in pax form',
    ],
    ['data behind', [block({}), end, Buffer.alloc(512, 7)], '', 'data behind the end of the archive, from byte 1536'],
  ] as const)('what no member can be: %s', async (_name, blocks, path, what) => {
    const found = await indexed(Buffer.concat([...blocks, end]));
    expect(found.filter((item) => item.kind === 'foreign')).toEqual([{ kind: 'foreign', path, what }]);
  });

  test.each([
    ['nothing', []],
    ['no end', [block({})]],
    ['a lone zero block', [Buffer.alloc(512), block({}), end]],
    ['a huge pax header', [block({ flag: 'x', bytes: 2 ** 33 - 1 }), end]],
    ['a size past the end', [block({ bytes: 5000 }), end]],
    ['a size of 2^90', [block({}, (made) => made.fill(0, 124, 136).fill(0x80, 124, 125).fill(4, 125, 126)), end]],
    ['a negative size', [block({}, (made) => made.fill(0xff, 124, 136)), end]],
    ['a pax size past the end', [extended('x', '24 size=9007199254740000\n'.replace('24', '25')), block({}), end]],
    ['digits that are none', [block({}, (made) => made.write('0000009', 100)), end]],
    ['an extended header and then the end', [extended('L', 'name\0'), end]],
    ['no tar at all', [Buffer.alloc(4096, 'text')]],
  ])('corrupt: %s', async (_name, blocks) => {
    await expect(indexed(Buffer.concat(blocks))).rejects.toMatchObject({ code: 'corrupt' });
  });

  test('a reader that gives less than asked is noticed', async () => {
    const all = tarIndex(async () => new Uint8Array(100), 2048);
    await expect(all.next()).rejects.toMatchObject({ code: 'corrupt' });
  });
});

async function sample() {
  const made = await packed([
    memoryItem({ path: 'd', type: 'directory' }),
    memoryItem({ path: 'd/a', mtimeNs: 5_000_000_000n }, Buffer.from('content')),
    memoryItem({ path: 'd/é', mtimeNs: 5n }, Buffer.alloc(700, 'z')),
    memoryItem({ path: 'e', bytes: 7, hardLink: 'd/a' }),
    memoryItem({ path: 'l', type: 'link', target: 'nowhere' }),
    memoryItem({ path: 'n' }),
  ]);
  const { archive, bytes, sha256, members } = made;
  const key = storeKey('s/a.tar');
  const manifest: Manifest = {
    key,
    format: 'tar',
    bytes,
    sha256,
    base: '',
    adopted: false,
    digestsFrom: 'writing',
    members,
  };
  return { archive, manifest };
}

test('damage of any bit is noticed, or changes nothing', async () => {
  const { archive, manifest } = await sample();
  const before = await indexed(archive);
  for (let at = 0; at < archive.length; at += 1) {
    const bad = Buffer.from(archive);
    bad[at]! ^= 1 << (at % 8);
    let same = false;
    try {
      same = JSON.stringify(await indexed(bad), plainBig) === JSON.stringify(before, plainBig);
    } catch (error) {
      if (!isStowageError(error, 'corrupt')) throw error;
    }
    const { differences } = await verifyTar(pieces(bad, 1000), manifest);
    // Whatever the headers let pass, the archive's digest does not.
    expect(
      differences.some((one) => one.path === ''),
      `byte ${at}`,
    ).toBe(true);
    const inside = manifest.members.find(
      ({ offset, bytes }) => offset !== undefined && at >= offset && at < offset + bytes,
    );
    if (inside !== undefined) expect(differences.map((one) => one.path)).toContain(inside.path);
    const header = archive.subarray(at - (at % 512), at - (at % 512) + 512);
    const underSum = header.toString('latin1', 257, 262) === 'ustar' && at % 512 !== 154 && at % 512 !== 155;
    if (underSum && (at % 512 < 148 || at % 512 > 155)) expect(same, `byte ${at}`).toBe(false);
  }
});

test('an archive that is cut anywhere is noticed', async () => {
  const { archive, manifest } = await sample();
  const whole = await indexed(archive);
  for (let length = 0; length < archive.length; length += 512) {
    const cut = archive.subarray(0, length);
    await expect(indexed(cut), `${length}`).rejects.toMatchObject({ code: 'corrupt' });
    expect((await verifyTar(pieces(cut, 777), manifest)).differences.length).toBeGreaterThan(0);
  }
  expect(whole.length).toBe(6);
});

test.each([1, 511, 512, 1000, 1 << 20])('an archive in good order, in pieces of %i bytes', async (size) => {
  const { archive, manifest } = await sample();
  const reading = await verifyTar(pieces(archive, size), manifest);
  expect(reading).toMatchObject({ bytes: archive.length, sha256: manifest.sha256, differences: [] });
  const files = manifest.members.filter((member) => member.type === 'file');
  expect(reading.digests).toEqual(new Map(files.map((member) => [member.path, member.sha256])));
  // An adopted archive: nobody knows a digest, all are found.
  const { sha256: _, ...unread } = manifest;
  const adopted = { ...unread, members: await indexedMembers(archive) };
  const first = await verifyTar(pieces(archive, size), adopted);
  expect(first.differences).toEqual([]);
  expect(first.digests).toEqual(reading.digests);
});

test('a plain archive is verified as well, and unknown places are told', async () => {
  const { manifest } = await sample();
  const member = memoryItem({ path: 'p' }, Buffer.from('abc')).member;
  const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  const one = { ...manifest, format: 'plain' as const, bytes: 3, sha256, members: [{ ...member, offset: 0, sha256 }] };
  expect((await verifyTar(pieces(Buffer.from('abc'), 2), one)).differences).toEqual([]);
  const lost = { ...one, members: [member] };
  expect((await verifyTar(pieces(Buffer.from('abc'), 2), lost)).differences).toMatchObject([{ path: 'p' }]);
});

describe('readMembers', () => {
  async function source() {
    const far = Buffer.alloc(3_000_000, 'f');
    const { archive, members } = await packed([
      memoryItem({ path: 'a' }, Buffer.from('first')),
      memoryItem({ path: 'b' }, Buffer.from('second')),
      memoryItem({ path: 'c' }, far),
      memoryItem({ path: 'd' }, Buffer.from('last')),
      memoryItem({ path: 'e' }),
      memoryItem({ path: 'l', type: 'link', target: 'a' }),
    ]);
    const asked: number[] = [];
    let open = 0;
    async function* part(bytes: Buffer) {
      open += 1;
      try {
        yield* pieces(bytes, 1000);
      } finally {
        open -= 1;
      }
    }
    const get = async ({ start, end: stop }: { start: number; end: number }) => {
      asked.push(stop - start);
      return part(archive.subarray(start, stop));
    };
    return { archive, members, asked, source: { get }, open: () => open };
  }

  test('reads what is wanted, in few requests, skipped or not', async () => {
    const { members, asked, source: archive, open } = await source();
    const found: string[] = [];
    const wanted = members.filter(({ path }) => path !== 'c').reverse();
    for await (const { member, content } of readMembers(archive, wanted)) {
      const read: Uint8Array[] = [];
      if (member.path !== 'a') for await (const piece of content) read.push(piece);
      found.push(`${member.path}=${Buffer.concat(read)}`);
    }
    expect(found).toEqual(['a=', 'b=second', 'd=last', 'e=']);
    expect(asked.length).toBe(2);
    expect(open()).toBe(0);
  });

  test('lets go when the reader leaves, and reads twice what is asked twice', async () => {
    const { members, source: archive, open, asked } = await source();
    for await (const { content } of readMembers(archive, members)) {
      for await (const _ of content) break;
      break;
    }
    expect(open()).toBe(0);
    const twice: number[] = [];
    for await (const { content } of readMembers(archive, [members[0]!, members[0]!])) {
      let bytes = 0;
      for await (const piece of content) bytes += piece.length;
      twice.push(bytes);
    }
    expect(twice).toEqual([5, 5]);
    expect(asked.length).toBe(3);
  });

  test('an archive that ends inside a member is corrupt; a file without a place is a bug', async () => {
    const { archive, members } = await source();
    const short = { get: async () => pieces(archive.subarray(0, 3), 10) };
    const read = async (wanted: typeof members) => {
      for await (const { content } of readMembers(short, wanted)) for await (const _ of content);
    };
    await expect(read([members[0]!])).rejects.toMatchObject({ code: 'corrupt' });
    const { offset: _, ...placeless } = members[0]!;
    await expect(read([placeless])).rejects.toMatchObject({ code: 'bug' });
  });
});

function plainBig(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
