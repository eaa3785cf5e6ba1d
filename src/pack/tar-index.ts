import type { IndexedItem } from '../model/manifest.ts';
import { type BlockReader, blockReader } from './block-reader.ts';
import { type PaxRecords, paxLimit, readPax } from './pax.ts';
import { corrupt, type Extras, itemOf, moreExtras, type WholeHeader, withExtras } from './tar-entry.ts';
import { blockBytes, endBytes, isHeaderBlock, isZeroBlock, padded, readHeaderBlock } from './tar-header.ts';

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
      else extra = moreExtras(extra, header.flag, value, content);
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
