import type { IndexedItem } from '../model/manifest.ts';
import { type PaxRecords, paxLimit, readPax } from './pax.ts';
import { corrupt, type Extras, itemOf, moreExtras, withExtras } from './tar-entry.ts';
import { blockBytes, isZeroBlock, padded, readHeaderBlock } from './tar-header.ts';

/** Bytes as they come, of which something can be given back. */
export interface ByteSource {
  /** The next bytes, one at least; throws at the end. */
  next(): Promise<Uint8Array>;
  /** What was taken and not used comes again. */
  giveBack(rest: Uint8Array): void;
}

/** What came, and its content, which must be read to its end before the next item is asked for. Its pieces are valid until the next one. */
export interface StreamedItem {
  readonly item: IndexedItem;
  readonly content: AsyncGenerator<Uint8Array>;
  /** The whole content of a file that is small, or has come already: quicker than its pieces, and instead of them. */
  whole(): Uint8Array | undefined;
}

const smallBytes = 256 * 1024;

/**
 * Reads a tar of anyone as it comes, up to its two zero blocks; what is behind them stays in the source. As `tarIndex`, but that a link with a
 * content is refused, and a sparse file is too. Throws `corrupt`, and what the source throws.
 */
export async function* readTarStream(source: ByteSource): AsyncGenerator<StreamedItem> {
  let held: Uint8Array = new Uint8Array();
  let position = 0;

  async function have(length: number): Promise<void> {
    while (held.length < length) {
      const chunk = await source.next();
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    }
  }
  async function exactly(length: number): Promise<Uint8Array> {
    if (held.length < length) await have(length);
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    position += length;
    return taken;
  }
  async function* pieces(length: number, left: { bytes: number }): AsyncGenerator<Uint8Array> {
    for (left.bytes = length; left.bytes > 0; ) {
      if (held.length === 0) held = await source.next();
      const piece = held.subarray(0, left.bytes);
      held = held.subarray(piece.length);
      left.bytes -= piece.length;
      position += piece.length;
      yield piece;
    }
  }

  const sizes = new Map<string, number>();
  let general: PaxRecords = {};
  let extra: Extras = {};
  for (;;) {
    const at = position;
    const block = await exactly(blockBytes);
    if (isZeroBlock(block)) {
      if (Object.keys(extra).length > 0) throw corrupt('the archive ends where a member is missing', at);
      if (!isZeroBlock(await exactly(blockBytes))) throw corrupt('a lone zero block inside the archive', at);
      source.giveBack(held);
      return;
    }
    const header = readHeaderBlock(block, at);
    if ('xgLK'.includes(header.flag)) {
      if (header.bytes > paxLimit) throw corrupt(`absurd extended header of ${header.bytes} bytes`, at);
      const value = Buffer.from((await exactly(padded(header.bytes))).subarray(0, header.bytes));
      if (header.flag === 'g') general = { ...general, ...readPax(value, position) };
      else extra = moreExtras(extra, header.flag, value, position);
      continue;
    }
    const whole = withExtras(header, general, extra, at);
    extra = {};
    if (header.moreSparse) throw corrupt('a sparse file, which was not asked for', at);
    if (whole.bytes > 0 && '123456'.includes(whole.flag)) throw corrupt('a link with a content', at);
    const item = itemOf(whole, position, sizes);
    // So that whoever takes a small file can have it at once, wherever the source was cut.
    if (whole.bytes <= smallBytes && held.length < whole.bytes) await have(whole.bytes);
    const left = { bytes: whole.bytes };
    const content = pieces(whole.bytes, left);
    if (item.kind === 'member' && item.member.type === 'file') sizes.set(item.member.path, item.member.bytes);
    yield {
      item,
      content,
      whole() {
        if (held.length < whole.bytes) return undefined;
        const bytes = held.subarray(0, whole.bytes);
        held = held.subarray(whole.bytes);
        position += whole.bytes;
        left.bytes = 0;
        return bytes;
      },
    };
    // What nobody read is skipped.
    while (left.bytes > 0 && !(await content.next()).done);
    const padding = padded(whole.bytes) - whole.bytes;
    if (padding > 0) await exactly(padding);
  }
}
