import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { StowageError } from '../../errors.ts';
import { broken, stream, type ZipArchive, type ZipMember } from './zip-archive.ts';

const headerSignature = 0x04034b50;
const fixedBytes = 30;
/** What a header may say more than the directory, so that it comes with the bytes behind it in one piece. */
const moreHeaderBytes = 64;

/**
 * The bytes of a member in order, unpacked. Only its own part of the archive is read, and never more of it comes out than its directory says. Ends short only by throwing; the CRC-32 is
 * checked at the end: `corrupt`.
 */
export async function* memberBytes(archive: ZipArchive, member: ZipMember): AsyncGenerator<Buffer> {
  const packed = packedBytes(archive, member);
  let sum = 0;
  let bytes = 0;
  for await (const chunk of member.method === 'stored' ? packed : inflated(packed)) {
    bytes += chunk.length;
    if (bytes > member.bytes) throw broken(`the member unpacks to more than its ${member.bytes} bytes`);
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (bytes !== member.bytes) throw broken(`the member unpacks to ${bytes} bytes, and has ${member.bytes}`);
  if (sum !== member.crc32) {
    throw new StowageError('corrupt', 'the member has another CRC-32 than its archive says', {
      facts: { crc32: sum, expected: member.crc32 },
    });
  }
}

/** The bytes as they lie there, behind the header, whose length only itself tells. */
async function* packedBytes(archive: ZipArchive, member: ZipMember): AsyncGenerator<Buffer> {
  const { headerOffset } = member;
  let left = member.packedBytes;
  let head: Buffer | undefined = Buffer.alloc(0);
  const wanted = Math.min(member.headerBytes + moreHeaderBytes + left, archive.bytes - headerOffset);
  for await (const chunk of stream(archive, headerOffset, wanted)) {
    let piece: Buffer = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      const length = headerLength(head, member);
      if (length === undefined || head.length < length) continue;
      piece = head.subarray(length);
      head = undefined;
    }
    piece = piece.subarray(0, left);
    left -= piece.length;
    if (piece.length > 0) yield piece;
    if (left === 0) return;
  }
  if (head !== undefined) {
    const length = headerLength(head, member);
    if (length === undefined || headerOffset + length + left > archive.bytes) throw broken('the header of the member');
    // It says much more than the directory.
    yield* left === 0 ? [] : archive.stream(headerOffset + length, left);
    return;
  }
  const at = headerOffset + wanted;
  if (at + left > archive.bytes) throw broken('the place of the member');
  if (left > 0) yield* archive.stream(at, left);
}

/** Undefined while too little of it is there. */
function headerLength(head: Buffer, { name }: ZipMember): number | undefined {
  if (head.length < fixedBytes) return undefined;
  const nameBytes = head.readUInt16LE(26);
  if (head.readUInt32LE(0) !== headerSignature || nameBytes !== name.length) throw broken('the header of the member');
  if (head.length < fixedBytes + nameBytes) return undefined;
  if (!head.subarray(fixedBytes, fixedBytes + nameBytes).equals(name)) throw broken('the name of the member');
  return fixedBytes + nameBytes + head.readUInt16LE(28);
}

async function* inflated(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw();
  // What goes wrong comes to who reads.
  pipeline(Readable.from(packed, { objectMode: true, highWaterMark: 1 }), inflate, () => undefined);
  try {
    for await (const chunk of inflate) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof StowageError || !/^Z_/.test(String((error as { code?: unknown }).code))) throw error;
    throw new StowageError('corrupt', `the member cannot be unpacked: ${(error as Error).message}`, { cause: error });
  }
}
