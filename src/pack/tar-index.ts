import { StowageError } from '../errors.ts';
import { nameFromBytes } from '../model/byte-name.ts';
import type { IndexedItem } from '../model/manifest.ts';
import { type BlockReader, blockReader } from './block-reader.ts';
import { countFromPax, type PaxRecords, paxLimit, readPax, timeFromPax } from './pax.ts';
import {
  blockBytes,
  type DecodedHeader,
  endBytes,
  isHeaderBlock,
  isZeroBlock,
  padded,
  readHeaderBlock,
} from './tar-header.ts';

/**
 * Walks the headers of a tar made by anyone (v7, ustar, GNU, pax), in the order of the archive and without reading contents.
 * Members have an `offset` and no `sha256`. A leading `./` and the slash behind a directory are taken off ('' is the root itself);
 * otherwise names are as they are, `..` and all: judge them with `unsafePath`. Throws `corrupt` with `facts.position` for a bad checksum, a number that
 * cannot be, and an archive without its end. Pax records are under no checksum: damage that leaves them well-formed shows only in the archive's digest.
 */
export async function* tarIndex(
  read: (start: number, end: number) => Promise<Uint8Array>,
  bytes: number,
): AsyncGenerator<IndexedItem> {
  const blocks = blockReader(read, bytes);
  const sizes = new Map<string, number>();
  let general: PaxRecords = {};
  let extra: Extras = {};
  for (let at = 0; ; ) {
    const block = await blocks.block(at);
    if (isZeroBlock(block)) {
      if (Object.keys(extra).length > 0) throw corrupt('the archive ends where a member is missing', at);
      yield* afterEnd(blocks, at, bytes);
      return;
    }
    const header = readHeaderBlock(block, at);
    const content = at + blockBytes;
    if ('xgXLK'.includes(header.flag)) {
      if (header.bytes > paxLimit) throw corrupt(`absurd extended header of ${header.bytes} bytes`, at);
      const value = await blocks.bytes(content, header.bytes);
      if (header.flag === 'g') general = { ...general, ...readPax(value, content) };
      else if (header.flag === 'L') extra = { ...extra, name: untilNul(value) };
      else if (header.flag === 'K') extra = { ...extra, link: untilNul(value) };
      else extra = { ...extra, pax: readPax(value, content) };
      at = content + padded(header.bytes);
      continue;
    }
    const whole = withExtras(header, general, extra, at);
    extra = {};
    let data = content;
    for (let more = header.moreSparse; more; data += blockBytes) more = (await blocks.block(data))[504] !== 0;
    const next = data + padded(await contentLength(whole, blocks, data, bytes));
    if (next > bytes) throw corrupt(`a content of ${whole.bytes} bytes reaches past the end of the archive`, at);
    const item = itemOf(whole, data, sizes);
    if (item.kind === 'member' && item.member.type === 'file') sizes.set(item.member.path, item.member.bytes);
    yield item;
    at = next;
  }
}

/** What the headers in front of a member said about it. */
interface Extras {
  readonly name?: Uint8Array;
  readonly link?: Uint8Array;
  readonly pax?: PaxRecords;
}

interface WholeHeader extends Omit<DecodedHeader, 'seconds' | 'moreSparse'> {
  readonly mtimeNs: bigint;
  readonly sparse: boolean;
}

/** Pax records win over GNU's long names, and those over the header. */
function withExtras(header: DecodedHeader, general: PaxRecords, extra: Extras, at: number): WholeHeader {
  const pax = { ...general, ...extra.pax };
  const number = <T>(value: Uint8Array | undefined, parse: (value: Uint8Array) => T | undefined, plain: T): T => {
    if (value === undefined || value.length === 0) return plain;
    const parsed = parse(value);
    if (parsed === undefined) throw corrupt('impossible number in the pax records of a member', at);
    return parsed;
  };
  return {
    name: given(pax['GNU.sparse.name']) ?? given(pax.path) ?? extra.name ?? header.name,
    link: given(pax.linkpath) ?? extra.link ?? header.link,
    flag: header.flag,
    bytes: number(pax.size, countFromPax, header.bytes),
    mtimeNs: number(pax.mtime, timeFromPax, header.seconds * 1_000_000_000n),
    mode: header.mode,
    uid: number(pax.uid, countFromPax, header.uid),
    gid: number(pax.gid, countFromPax, header.gid),
    sparse: pax.sparse === true,
  };
}

function given(value: Uint8Array | undefined): Uint8Array | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}

/**
 * How much content follows. Links, directories and devices have none, whatever their size says: some tars wrote a size for them
 * without content, some with; what stands there tells: another header or the end, or neither.
 */
async function contentLength(header: WholeHeader, blocks: BlockReader, at: number, bytes: number): Promise<number> {
  if (header.bytes === 0 || !'123456'.includes(header.flag)) return header.bytes;
  if (at + blockBytes > bytes) return header.bytes;
  const next = await blocks.block(at);
  return isZeroBlock(next) || isHeaderBlock(next) ? 0 : header.bytes;
}

const foreignTypes: Readonly<Record<string, string>> = {
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a pipe',
  S: 'a sparse file in GNU form',
  M: 'the rest of a file of another volume',
  V: 'a volume label',
};

function itemOf(header: WholeHeader, offset: number, sizes: ReadonlyMap<string, number>): IndexedItem {
  const name = nameFromBytes(header.name);
  // Before ustar there was no type for directories, only a slash. `D` is a directory of an incremental GNU archive.
  const directory = '5D'.includes(header.flag) || (header.flag === '0' && name.endsWith('/'));
  const path = plainName(name, directory);
  const { mtimeNs, mode, uid, gid, bytes } = header;
  const common = { path, mtimeNs, mode, uid, gid };
  if (header.sparse) return { kind: 'foreign', path, what: 'a sparse file in pax form' };
  if (directory) return { kind: 'member', member: { ...common, type: 'directory', bytes: 0 } };
  if (header.flag === '0' || header.flag === '7') {
    return { kind: 'member', member: { ...common, type: 'file', bytes, offset } };
  }
  const link = nameFromBytes(header.link);
  if (header.flag === '2') return { kind: 'member', member: { ...common, type: 'link', bytes: 0, target: link } };
  if (header.flag === '1') {
    const hardLink = plainName(link, false);
    return { kind: 'member', member: { ...common, type: 'file', bytes: sizes.get(hardLink) ?? 0, hardLink } };
  }
  const what = foreignTypes[header.flag] ?? `of the unknown type ${JSON.stringify(header.flag)}`;
  return { kind: 'foreign', path, what };
}

function plainName(name: string, directory: boolean): string {
  const relative = name === '.' ? '' : name.replace(/^(?:\.\/+)+/, '');
  if (!directory) return relative;
  let end = relative.length;
  while (end > 1 && relative[end - 1] === '/') end -= 1;
  const bare = relative.slice(0, end);
  return bare === '.' ? '' : bare;
}

/** How much of what follows the end is looked at; tars fill up to 10 KiB, some tapes to 1 MiB, with zeros. */
const tailLimit = 1024 * 1024;

async function* afterEnd(blocks: BlockReader, at: number, bytes: number): AsyncGenerator<IndexedItem> {
  if (bytes < at + endBytes) throw corrupt('the archive has no end, it was cut off', at);
  if (!isZeroBlock(await blocks.block(at + blockBytes))) throw corrupt('a lone zero block inside the archive', at);
  const end = at + endBytes;
  let clean = bytes - end <= tailLimit;
  for (let from = end; clean && from < bytes; from += blockBytes) {
    clean = isZeroBlock(await blocks.bytes(from, Math.min(blockBytes, bytes - from)));
  }
  if (!clean) yield { kind: 'foreign', path: '', what: `data behind the end of the archive, from byte ${end}` };
}

function untilNul(value: Uint8Array): Uint8Array {
  const end = value.indexOf(0);
  return end < 0 ? value : value.subarray(0, end);
}

function corrupt(message: string, position: number): StowageError {
  return new StowageError('corrupt', `${message}, at byte ${position}`, { facts: { position } });
}
