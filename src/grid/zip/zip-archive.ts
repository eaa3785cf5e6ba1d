import { StowageError } from '../../errors.ts';

/** A zip archive that can be read from any place. */
export interface ZipArchive {
  readonly bytes: number;
  /** Its last bytes: `tailBytes`, or all that it has. */
  readonly tail: Buffer;
  /** So many bytes from an offset, in order; ends short only by throwing. */
  stream(offset: number, bytes: number): AsyncGenerator<Buffer>;
}

/** One member, as the archive's own directory has it. */
export interface ZipMember {
  readonly name: Buffer;
  readonly method: 'stored' | 'deflated';
  readonly crc32: number;
  /** How many bytes it has, and how many as it lies there. */
  readonly bytes: number;
  readonly packedBytes: number;
  /** Where the header is that stands before its bytes. */
  readonly headerOffset: number;
  /** Length of the header, if it says as much as the directory does; it may say more. */
  readonly headerBytes: number;
}

/** As much of an archive's end as can hold where its directory is, with the directory of a small archive. */
export const tailBytes = 22 + 65_535 + 20 + 56;

/** Most bytes of a directory that we read: some hundred thousand members. */
const mostDirectoryBytes = 16 << 20;

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, entry: 0x02014b50 } as const;
const lengths = { end: 22, end64: 56, locator64: 20, entry: 46, header: 30 } as const;
const none16 = 0xffff;
const none32 = 0xffff_ffff;

/**
 * Finds a member by the bytes of its name in the archive's central directory (APPNOTE.TXT 6.3, 4.3). Rejects with `missing` if there is none of this name, `corrupt` for an archive that contradicts itself,
 * `refused` for what we do not unpack: encryption, other methods than stored and deflated, a directory without end.
 */
export async function findMember(archive: ZipArchive, name: Buffer): Promise<ZipMember> {
  const { offset, bytes, shift } = await placeOfDirectory(archive);
  const directory = await read(archive, offset, bytes);
  let found: ZipMember | undefined;
  for (let at = 0; at < directory.length; ) {
    if (at + lengths.entry > directory.length || directory.readUInt32LE(at) !== signatures.entry)
      throw broken('its directory');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const next = at + lengths.entry + nameBytes! + extraBytes! + commentBytes!;
    if (next > directory.length) throw broken('its directory');
    if (directory.subarray(at + lengths.entry, at + lengths.entry + nameBytes!).equals(name)) {
      if (found !== undefined) throw broken('its directory: it has the member twice');
      found = memberAt(directory.subarray(at, next), nameBytes!, extraBytes!, shift);
    }
    at = next;
  }
  if (found === undefined) throw new StowageError('missing', 'the archive has no such member');
  if (found.headerOffset + lengths.header + name.length + found.packedBytes > offset)
    throw broken('the place of the member');
  return found;
}

/** Where the directory is; all that is told in the archive of places is `shift` too small where something was put in front of it. */
async function placeOfDirectory(
  archive: ZipArchive,
): Promise<{ readonly offset: number; readonly bytes: number; readonly shift: number }> {
  const { tail } = archive;
  const at = endRecord(tail);
  if (at === undefined) throw broken('it has no end of a directory');
  let directory = {
    disks: [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)],
    bytes: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    end: archive.bytes - tail.length + at,
  };
  const isLarge = tail.readUInt16LE(at + 10) === none16 || directory.bytes === none32 || directory.offset === none32;
  const locator = at - lengths.locator64;
  if (isLarge && locator >= 0 && tail.readUInt32LE(locator) === signatures.locator64) {
    directory = await large(archive, number64(tail, locator + 8));
  }
  const { disks, bytes, offset, end } = directory;
  if (disks.some((disk) => disk !== 0 && disk !== none16)) throw broken('it is one of several parts');
  if (bytes > mostDirectoryBytes) {
    throw new StowageError(
      'refused',
      `the directory of the archive has ${bytes} bytes, and we read ${mostDirectoryBytes}`,
    );
  }
  const shift = end - bytes - offset;
  if (shift < 0) throw broken('the place of its directory');
  return { offset: offset + shift, bytes, shift };
}

/** The last one whose comment ends where the archive does. */
function endRecord(tail: Buffer): number | undefined {
  for (let at = tail.length - lengths.end; at >= 0; at -= 1) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== signatures.end) continue;
    if (at + lengths.end + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return undefined;
}

async function large(archive: ZipArchive, offset: number) {
  if (offset + lengths.end64 > archive.bytes) throw broken('the place of its end');
  const record = await read(archive, offset, lengths.end64);
  if (record.readUInt32LE(0) !== signatures.end64) throw broken('its end');
  return {
    disks: [record.readUInt32LE(16), record.readUInt32LE(20)],
    bytes: number64(record, 40),
    offset: number64(record, 48),
    end: offset,
  };
}

function memberAt(entry: Buffer, nameBytes: number, extraBytes: number, shift: number): ZipMember {
  const flags = entry.readUInt16LE(8);
  const method = entry.readUInt16LE(10);
  if ((flags & 0x2041) !== 0) throw new StowageError('refused', 'the member is encrypted, which we cannot undo');
  if (method !== 0 && method !== 8) {
    throw new StowageError('refused', `the member is packed by method ${method}; we know 0 (stored) and 8 (deflated)`);
  }
  const extra = entry.subarray(lengths.entry + nameBytes, lengths.entry + nameBytes + extraBytes);
  const numbers = [24, 20, 42].map((field) => entry.readUInt32LE(field));
  const [bytes, packedBytes, headerOffset] = withLarge(numbers, extra);
  if (method === 0 && packedBytes !== bytes) throw broken('the size of the member');
  return {
    name: entry.subarray(lengths.entry, lengths.entry + nameBytes),
    method: method === 0 ? 'stored' : 'deflated',
    crc32: entry.readUInt32LE(16),
    bytes: bytes!,
    packedBytes: packedBytes!,
    headerOffset: headerOffset! + shift,
    headerBytes: lengths.header + nameBytes + extraBytes,
  };
}

/** Numbers that do not fit stand in the extra field 1, in this order, and only those (4.5.3). */
function withLarge(numbers: readonly number[], extra: Buffer): readonly number[] {
  if (!numbers.includes(none32)) return numbers;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    let from = 0;
    return numbers.map((number) => {
      if (number !== none32) return number;
      if (from + 8 > field.length) throw broken('the size of the member');
      from += 8;
      return number64(field, from - 8);
    });
  }
  throw broken('the size of the member');
}

/** A range of the archive as one piece. */
async function read(archive: ZipArchive, offset: number, bytes: number): Promise<Buffer> {
  if (offset < 0 || offset + bytes > archive.bytes) throw broken('a place in it');
  const chunks: Buffer[] = [];
  for await (const chunk of stream(archive, offset, bytes)) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** A range of the archive, from its tail where that has it. */
export async function* stream(archive: ZipArchive, offset: number, bytes: number): AsyncGenerator<Buffer> {
  const from = offset - (archive.bytes - archive.tail.length);
  if (from >= 0) yield archive.tail.subarray(from, from + bytes);
  else yield* archive.stream(offset, bytes);
}

/** An archive that contradicts itself. */
export function broken(what: string): StowageError {
  return new StowageError('corrupt', `the archive is broken: ${what}`);
}

function number64(from: Buffer, at: number): number {
  const value = from.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('a number in it');
  return Number(value);
}
