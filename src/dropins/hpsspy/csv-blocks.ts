import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { type CsvColumns, csvColumns } from './csv-cache.ts';
import { csvRows } from './csv-rows.ts';

/** Some whole rows of a cache. */
export interface CsvBlock {
  /** UTF-8, in memory of its own. */
  readonly bytes: Uint8Array;
  readonly columns: CsvColumns;
}

/** What is known of a cache when all its blocks were read. */
export interface CsvEnd {
  readonly bytes: number;
  readonly crc32: number;
  /** False if the last row has no line end: whoever wrote it was stopped. */
  readonly ended: boolean;
}

/** A cache that was just made: its rows in pieces, each of whole ones. */
export interface CsvMade {
  readonly texts: readonly Uint8Array[];
  readonly end: CsvEnd;
}

/** Few enough rows that what is made of them is gone before the collector looks for what stays. */
const usualBlock = 1 << 19;
const quote = 0x22;
const newline = 0x0a;

/** A cache's rows below its first line, in blocks. Throws `unavailable` if it cannot be read, `corrupt` if it is not UTF-8. */
export function* csvBlocks(path: string, blockBytes = usualBlock): Generator<CsvBlock, CsvEnd> {
  const file = open(path);
  let columns: CsvColumns | undefined;
  let left: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let crc = 0;
  try {
    for (;;) {
      const buffer: Buffer = Buffer.allocUnsafeSlow(left.length + blockBytes);
      left.copy(buffer);
      const read = readInto(path, file, buffer, left.length);
      const all = buffer.subarray(0, left.length + read);
      crc = crc32(all.subarray(left.length), crc);
      bytes += read;
      const cut = read === 0 ? all.length : endOfRows(all);
      left = all.subarray(cut);
      let whole = all.subarray(0, cut);
      if (!isUtf8(whole)) throw notUtf8(path);
      if (columns === undefined && whole.length > 0) {
        const body = endOfHeader(whole);
        columns = csvColumns(csvRows(whole.toString('utf8', 0, body)).next().value ?? []);
        whole = whole.subarray(body);
      }
      if (columns !== undefined && whole.length > 0) yield { bytes: whole, columns };
      if (read === 0) return { bytes, crc32: crc, ended: all.length === 0 };
    }
  } finally {
    closeSync(file);
  }
}

/** The blocks of a cache that was just made, as if it were read. */
export function* madeBlocks({ texts, end }: CsvMade, blockBytes = usualBlock): Generator<CsvBlock, CsvEnd> {
  const columns = { name: 0, size: 1, mtime: 2 };
  let from = 0;
  let bytes = 0;
  for (const [at, text] of texts.entries()) {
    bytes += text.length;
    if (bytes < blockBytes && at + 1 < texts.length) continue;
    if (bytes > 0) yield { bytes: Buffer.concat(texts.slice(from, at + 1), bytes), columns };
    from = at + 1;
    bytes = 0;
  }
  return end;
}

/** Where the last whole row ends. A line end inside of quotes ends none; quotes are counted, as those within quotes come in pairs. */
function endOfRows(bytes: Buffer): number {
  if (!bytes.includes(quote)) return bytes.lastIndexOf(newline) + 1;
  let end = 0;
  let quotes = 0;
  let nextQuote = bytes.indexOf(quote);
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) {
    while (nextQuote >= 0 && nextQuote < at) {
      quotes += 1;
      nextQuote = bytes.indexOf(quote, nextQuote + 1);
    }
    if (quotes % 2 === 0) end = at + 1;
  }
  return end;
}

function endOfHeader(bytes: Buffer): number {
  const quoted = bytes.indexOf(quote);
  const first = bytes.indexOf(newline);
  if (first < 0) return bytes.length;
  if (quoted < 0 || quoted > first) return first + 1;
  let quotes = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === quote) quotes += 1;
    if (bytes[at] === newline && quotes % 2 === 0) return at + 1;
  }
  return bytes.length;
}

function open(path: string): number {
  try {
    return openSync(fsPath(path), 'r');
  } catch (error) {
    throw fileError(`cannot read the cache '${displayName(path)}'`, error);
  }
}

function readInto(path: string, file: number, buffer: Buffer, from: number): number {
  let at = from;
  try {
    while (at < buffer.length) {
      const read = readSync(file, buffer, at, buffer.length - at, null);
      if (read === 0) break;
      at += read;
    }
  } catch (error) {
    throw fileError(`cannot read the cache '${displayName(path)}'`, error);
  }
  return at - from;
}

function notUtf8(path: string): StowageError {
  return new StowageError('corrupt', `the cache '${displayName(path)}' is not UTF-8`, {
    hint: 'make it anew, with -D or -H',
  });
}
