import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameFromBytes } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { type HeaderMember, headerRoom, writeMemberHeader } from './member-header.ts';
import { countFromPax, paxRecord, paxTime, readPax, timeFromPax } from './pax.ts';
import { tarIndex } from './tar-index.ts';
import { indexedMembers } from './test-archive.ts';

/** The member that an index sees behind this header, the content being claimed and not there. */
async function roundTrip(member: HeaderMember): Promise<Member | undefined> {
  const room = Buffer.alloc(headerRoom(member) + 1024, 0xaa);
  const end = writeMemberHeader(room, 512, member);
  expect(end - 512).toBeLessThanOrEqual(headerRoom(member));
  expect(room.subarray(0, 512).every((byte) => byte === 0xaa)).toBe(true);
  const header = room.subarray(512, end);
  const read = async (start: number, stop: number) => {
    const part = Buffer.alloc(stop - start);
    header.copy(part, 0, start);
    return part;
  };
  for await (const item of tarIndex(read, Number.MAX_SAFE_INTEGER))
    return item.kind === 'member' ? item.member : undefined;
  return undefined;
}

const component = fc
  .uint8Array({ minLength: 1, maxLength: 255 })
  .map((bytes) => nameFromBytes(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x61 : byte))))
  .filter((name) => name !== '.');
const ascii = fc
  .string({ unit: 'binary-ascii', minLength: 1, maxLength: 120 })
  .map((name) => name.replaceAll(/[\0/.]/g, 'x'));
const path = fc.array(fc.oneof(component, ascii), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
const owner = fc.oneof(fc.nat({ max: 0o7777777 }), fc.nat({ max: 2 ** 32 - 2 }));
const common = {
  path,
  mtimeNs: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 66n }),
    fc.bigInt({ min: 0n, max: 2_000_000_000_999_999_999n }),
    fc.integer({ min: -5, max: 2_000_000_000 }).map((seconds) => BigInt(seconds) * 1_000_000_000n),
  ),
  mode: fc.nat({ max: 0o7777 }),
  uid: owner,
  gid: owner,
};
// The index itself needs room behind the content in its count of bytes.
const size = fc.oneof(
  fc.nat({ max: 10_000 }),
  fc.maxSafeNat().map((bytes) => Math.min(bytes, 2 ** 53 - 2 ** 20)),
  fc.constantFrom(2 ** 33 - 1, 2 ** 33),
);

test('every member comes out of its header as it went in', async () => {
  const member: fc.Arbitrary<HeaderMember> = fc.oneof(
    fc.record({ ...common, type: fc.constant('file' as const), bytes: size }),
    fc.record({ ...common, type: fc.constant('directory' as const), bytes: fc.constant(0) }),
    fc.record({ ...common, type: fc.constant('link' as const), bytes: fc.constant(0), target: path }),
    fc.record({ ...common, type: fc.constant('file' as const), bytes: fc.constant(0), hardLink: path }),
  );
  await fc.assert(
    fc.asyncProperty(member, async (one) => {
      const { offset, ...found } = (await roundTrip(one))!;
      expect(found).toEqual(one);
      expect(offset === undefined).toBe(one.type !== 'file' || one.hardLink !== undefined);
    }),
    { numRuns: 1500 },
  );
});

const plain: HeaderMember = {
  path: 'a',
  type: 'file',
  bytes: 5,
  mtimeNs: 1_700_000_000_000_000_000n,
  mode: 0o644,
  uid: 0,
  gid: 0,
};

test.each([
  ['whole seconds', plain, ['0']],
  ['nanoseconds', { ...plain, mtimeNs: 1_700_000_000_000_000_001n }, ['x', '0']],
  ['before 1970', { ...plain, mtimeNs: -1n }, ['x', '0']],
  ['after 2242', { ...plain, mtimeNs: 8_589_934_592_000_000_000n }, ['x', '0']],
  ['8 GiB - 1', { ...plain, bytes: 2 ** 33 - 1 }, ['0']],
  ['8 GiB', { ...plain, bytes: 2 ** 33 }, ['x', '0']],
  ['owner 2097151', { ...plain, uid: 2097151, gid: 2097151 }, ['0']],
  ['owner 2097152', { ...plain, gid: 2097152 }, ['x', '0']],
  ['100 bytes', { ...plain, path: 'n'.repeat(100) }, ['0']],
  ['101 bytes', { ...plain, path: 'n'.repeat(101) }, ['x', '0']],
  ['155/100 bytes', { ...plain, path: `${'d'.repeat(155)}/${'n'.repeat(100)}` }, ['0']],
  ['156/99 bytes', { ...plain, path: `${'d'.repeat(156)}/${'n'.repeat(99)}` }, ['x', '0']],
  ['a directory of 100 bytes', { ...plain, type: 'directory', path: 'n'.repeat(100) }, ['x', '5']],
  ['short, not ASCII', { ...plain, path: 'é\udcff' }, ['0']],
  ['long, not ASCII', { ...plain, path: 'é'.repeat(51) }, ['L', '0']],
  ['long target, not ASCII', { ...plain, type: 'link', target: '\udcff'.repeat(101) }, ['K', '2']],
  ['long target', { ...plain, type: 'link', target: 't'.repeat(101) }, ['x', '2']],
] as const)('%s', (_name, member, flags) => {
  const room = Buffer.alloc(headerRoom(member));
  const end = writeMemberHeader(room, 0, member);
  const seen: string[] = [];
  for (let at = 0; at < end; ) {
    const flag = room.toString('latin1', at + 156, at + 157);
    seen.push(flag);
    at += 512;
    if ('xLK'.includes(flag))
      at += Math.ceil(Number.parseInt(room.toString('latin1', at - 388, at - 377), 8) / 512) * 512;
  }
  expect(seen).toEqual(flags);
});

test.each([1, 90, 91, 92, 93, 94, 980, 985, 990, 9980, 9990])('a pax record counts its own length: %i', (length) => {
  const value = 'v'.repeat(length);
  const record = paxRecord('path', value);
  expect(Number.parseInt(record, 10)).toBe(record.length);
  expect(Buffer.from(readPax(Buffer.from(record), 0).path!).toString()).toBe(value);
});

test('pax times are exact', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (ns) => timeFromPax(Buffer.from(paxTime(ns))) === ns),
  );
  expect(paxTime(-1_500_000_000n)).toBe('-1.500000000');
  expect(timeFromPax(Buffer.from('1.5'))).toBe(1_500_000_000n);
  expect(timeFromPax(Buffer.from('1e9'))).toBeUndefined();
  expect(countFromPax(Buffer.from('-1'))).toBeUndefined();
  expect(countFromPax(Buffer.from('99999999999999999'))).toBeUndefined();
});

test.each([
  '',
  '5',
  '5 ',
  '0 a=b\n',
  '99 a=b\n',
  '6 a=b ',
  '5 ab\n',
  '6 ab\n\n',
  '-6 a=b\n',
  '6x a=b\n',
  '12345678901 a=b\n',
])('pax records that are none: %j', (text) => {
  if (text === '') expect(readPax(Buffer.from(text), 0)).toEqual({});
  else expect(() => readPax(Buffer.from(text), 7)).toThrow(/bad pax record at byte/);
});

test('a header leaves nothing of what was in the buffer', async () => {
  const dirty = Buffer.alloc(4096, 0xff);
  const clean = Buffer.alloc(4096);
  const member = { ...plain, path: 'é'.repeat(60), mtimeNs: 5n };
  const end = writeMemberHeader(dirty, 0, member);
  expect(writeMemberHeader(clean, 0, member)).toBe(end);
  expect(dirty.subarray(0, end).equals(clean.subarray(0, end))).toBe(true);
  await expect(indexedMembers(dirty.subarray(0, end))).rejects.toThrow(/past the end|too early/);
});
