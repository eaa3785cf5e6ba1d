import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StowageError } from '../../errors.ts';
import { crc32c } from './crc32c.ts';
import { type Frame, newFrameReader } from './frame.ts';
import { incomingReplies } from './incoming.ts';
import { bytesAsPages, decodePages, encodePages } from './pages.ts';
import { newPending, type Pending, type Reply } from './pending.ts';
import { checksumReply, errorReply, loginReply, openReply, protocolReply, redirectReply, waitReply } from './reply.ts';
import { handshake, moveRequest, openRequest, readRequest, requestHead } from './request.ts';
import { serverError } from './server-error.ts';
import { parseListing, parseStat } from './stat.ts';

const bytes = (...values: readonly number[]) => Buffer.from(values);
const int = (value: number) => {
  const four = Buffer.alloc(4);
  four.writeInt32BE(value);
  return four;
};

/** A reply as a server sends it. */
function reply(stream: number, status: number, body: Uint8Array, data: Uint8Array = bytes()): Buffer {
  return Buffer.concat([bytes(stream >> 8, stream & 255, status >> 8, status & 255), int(body.length), body, data]);
}

/** The body of a kXR_status that says how much data follows. */
const statusBody = (dataBytes: number) => Buffer.concat([Buffer.alloc(12), int(dataBytes), Buffer.alloc(8)]);

function framesOf(pieces: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  const reader = newFrameReader({
    room: (header) => Buffer.alloc(header.bytes),
    dataRoom: (_, __, dataBytes) => Buffer.alloc(dataBytes),
    take: (frame) => frames.push(frame),
  });
  for (const piece of pieces) reader.push(piece);
  expect(reader.isAtRest).toBe(true);
  return frames;
}

describe('requests are laid out as the specification has it', () => {
  test.each([
    ['the handshake', handshake, '0000000000000000000000000000000400000' + '7dc'],
    [
      'open',
      requestHead(0x0102, openRequest('/a', 0x0410, 0o644)),
      '0102 0bc2 01a4 0410 000000000000000000000000 00000002',
    ],
    [
      'read',
      requestHead(3, readRequest(bytes(1, 2, 3, 4), 2 ** 33 + 5, 4096)),
      '0003 0bc5 01020304 0000000200000005 00001000 00000000',
    ],
    ['mv', requestHead(1, moveRequest('/a b', '/c')), '0001 0bc1 0000000000000000000000000000 0004 00000007'],
  ] as const)('%s', (_, made, hex) => {
    expect(Buffer.from(made).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });
});

describe('replies', () => {
  test('are the same however the network cuts them', () => {
    const one = fc.record({
      stream: fc.nat(0xffff),
      body: fc.uint8Array({ maxLength: 40 }),
      data: fc.option(fc.uint8Array({ maxLength: 40 })),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), fc.array(fc.nat(20)), (wanted, cuts) => {
        const all = Buffer.concat(
          wanted.map(({ stream, body, data }) =>
            data === null ? reply(stream, 0, body) : reply(stream, 4007, statusBody(data.length), data),
          ),
        );
        const pieces: Uint8Array[] = [];
        let from = 0;
        for (const cut of cuts) {
          pieces.push(all.subarray(from, from + cut));
          from = Math.min(all.length, from + cut);
        }
        pieces.push(all.subarray(from));
        const frames = framesOf(pieces);
        expect(frames.map(({ stream, body, data }) => ({ stream, body: [...body], data: data && [...data] }))).toEqual(
          wanted.map(({ stream, body, data }) =>
            data === null
              ? { stream, body: [...body], data: undefined }
              : { stream, body: [...statusBody(data.length)], data: [...data] },
          ),
        );
      }),
    );
  });

  test.each([
    ['a negative length', Buffer.concat([bytes(0, 1, 0, 0), int(-1)])],
    ['a status without its body', reply(1, 4007, Buffer.alloc(15))],
    ['a status with negative data', reply(1, 4007, statusBody(-5))],
  ])('%s ends the reading', (_, sent) => {
    expect(() => framesOf([sent])).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });

  test.each([
    ['protocol', () => protocolReply(Buffer.alloc(7))],
    ['login', () => loginReply(Buffer.alloc(15))],
    ['open', () => openReply(Buffer.alloc(3))],
    ['redirect', () => redirectReply(Buffer.alloc(3))],
    ['redirect to no host', () => redirectReply(Buffer.concat([int(1094), Buffer.from('/etc')]))],
    ['redirect to no port', () => redirectReply(Buffer.concat([int(0), Buffer.from('host')]))],
    ['error', () => errorReply(bytes())],
    ['wait', () => waitReply(bytes(1))],
    ['checksum', () => checksumReply(Buffer.from('md5'))],
    ['stat', () => parseStat('1 2 x 4')],
    ['stat of a size beyond numbers', () => parseStat('1 99999999999999999999 0 4')],
    ['listing without stats', () => parseListing('a\nb\n')],
    ['listing that is cut', () => parseListing('.\n0 0 0 0\na\n')],
    ['listing that leads elsewhere', () => parseListing('.\n0 0 0 0\n../x\n1 1 0 1\n')],
    ['listing of the parent', () => parseListing('.\n0 0 0 0\n..\n1 1 2 1\n')],
  ])('what is no reply is refused: %s', (_, read) => {
    expect(read).toThrow(StowageError);
  });

  test.each([
    ['host', 1094, 'ds1.example.org', { host: 'ds1.example.org', port: 1094, cgi: '', token: '' }],
    ['host, CGI, token', 1095, 'ds1?a=b&c=d?tok', { host: 'ds1', port: 1095, cgi: 'a=b&c=d', token: 'tok' }],
    ['address', 1, '[::1]', { host: '::1', port: 1, cgi: '', token: '' }],
    ['address without brackets', 1, '::1', { host: '::1', port: 1, cgi: '', token: '' }],
    [
      'URL',
      -1,
      'roots://ds1:1234//other/path?x=y',
      { tls: true, host: 'ds1', port: 1234, path: '/other/path', cgi: 'x=y', token: '' },
    ],
  ])('a redirect by %s', (_, port, said, expected) => {
    expect(redirectReply(Buffer.concat([int(port), Buffer.from(said)]))).toEqual(expected);
  });

  test('no secret comes back out of what a server says', () => {
    const error = serverError(
      'cannot open x',
      'root://h:1',
      3011,
      'no /f?authz=SECRET&xrd.wantprot=unix here\u001b[2J',
    );
    expect(error).toMatchObject({ code: 'missing', facts: { errno: 'ENOENT' } });
    expect(JSON.stringify([error.message, error.facts])).not.toMatch(/SECRET|\u001b/);
  });
});

describe('pages', () => {
  test.each([
    ['123456789', 0xe3069283],
    ['\0'.repeat(32), 0x8a9136aa],
    ['', 0],
  ])('CRC32C of %j', (text, expected) => {
    expect(crc32c(Buffer.from(text))).toBe(expected);
  });

  test('CRC32C of two parts is that of the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (all, at) => {
        expect(crc32c(all.subarray(at), crc32c(all.subarray(0, at)))).toBe(crc32c(all));
      }),
    );
  });

  test('CRC32C of a whole page is that of its parts', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4096, maxLength: 4096 }),
        fc.integer({ min: 1, max: 4095 }),
        (page, at) => {
          expect(crc32c(page)).toBe(crc32c(page.subarray(at), crc32c(page.subarray(0, at))));
          // Where its words do not lie on their boundaries.
          const odd = new Uint8Array(4097).subarray(1);
          odd.set(page);
          expect(crc32c(page, 77)).toBe(crc32c(odd, 77));
        },
      ),
      { numRuns: 20 },
    );
  });

  test('what is laid out as pages comes back, from any offset; a bit that flips is seen', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(9000), fc.nat(), (offset, length, flip) => {
        const all = Buffer.alloc(length, 'some bytes ');
        const pages = encodePages(offset, all);
        expect(pages.length).toBeLessThanOrEqual(bytesAsPages(length));
        const into = Buffer.alloc(length);
        expect(decodePages(offset, pages, into, 'x')).toBe(length);
        expect(into.equals(all)).toBe(true);
        if (length === 0) return;
        pages[flip % pages.length]! ^= 1 << (flip % 8);
        expect(() => decodePages(offset, pages, into, 'x')).toThrow(expect.objectContaining({ code: 'corrupt' }));
      }),
      { numRuns: 50 },
    );
  });
});

describe('fuzz', () => {
  /** Answers of every kind and of none, right and wrong in every field, from a generator that is the same for everyone. */
  test('a million replies of noise: each is taken or refused, and none costs more than was asked for', () => {
    // Most of the time would go into the stacks of hundreds of thousands of errors.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    onTestFinished(() => {
      Error.stackTraceLimit = stackTraceLimit;
    });
    const random = generator(20261121);
    const pending = new Map<number, Pending>();
    const outcome = { settled: 0, refused: 0, other: 0 };
    const into = Buffer.alloc(64);
    const newCall = (stream: number): Pending =>
      newPending(
        { what: 'x', mostBytes: 64, pageBytes: 64, ...(stream % 2 === 0 ? { into } : {}), pages: () => undefined },
        0,
        0,
        { resolve: () => undefined, reject: () => undefined },
      );
    const settle = (stream: number, _: Pending, { body }: Reply): void => {
      if (body.length > 65_536) throw new Error(`${body.length} bytes for stream ${stream}`);
      pending.set(stream, newCall(stream));
      outcome.settled += 1;
    };
    const promised = (call: Pending): void => {
      call.lateUntilMs = 1;
    };
    const fresh = () => incomingReplies({ pending, settle, promised });
    for (let stream = 1; stream <= 4; stream += 1) pending.set(stream, newCall(stream));
    let reader = fresh();
    const noise = Buffer.alloc(128);
    for (let at = 0; at < noise.length; at += 1) noise[at] = random(256);
    const kinds = [
      0, 0, 0, 0, 0, 0, 0, 0, 0, 4000, 4003, 4004, 4005, 4006, 4000, 4001, 4002, 4003, 4004, 4005, 4006, 4006, 4007,
      4008, 9,
    ];
    const frame = Buffer.alloc(200);
    for (let round = 0; round < 1_000_000; round += 1) {
      const length = random(40) === 0 ? random(0x1_0000_0000) - 0x8000_0000 : random(64);
      frame.writeUInt16BE(random(50) === 0 ? random(65_536) : 1 + random(4), 0);
      frame.writeUInt16BE(kinds[random(kinds.length)]!, 2);
      frame.writeInt32BE(length, 4);
      noise.copy(frame, 8, random(60));
      // Sometimes it is nearly right.
      if (random(3) === 0) frame.writeInt32BE(5008, 8);
      if (random(3) === 0) frame.writeInt32BE(random(32), 20);
      frame.writeUInt16BE(1 + random(4), 16);
      frame.writeUInt16BE(kinds[random(kinds.length)]!, 18);
      const sent = frame.subarray(0, Math.min(frame.length, 8 + Math.max(0, length) + random(3)));
      try {
        const cut = random(sent.length);
        reader.push(sent.subarray(0, cut));
        reader.push(sent.subarray(cut));
        outcome.other += 1;
      } catch (error) {
        if (!(error instanceof StowageError) || error.code === 'bug') throw error;
        outcome.refused += 1;
        // As after a connection that was given up.
        for (let stream = 1; stream <= 4; stream += 1) pending.set(stream, newCall(stream));
        reader = fresh();
      }
    }
    expect(outcome.settled).toBeGreaterThan(100_000);
    expect(outcome.refused).toBeGreaterThan(50_000);
  });
});

/** Numbers below a bound, from a seed (xorshift32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
