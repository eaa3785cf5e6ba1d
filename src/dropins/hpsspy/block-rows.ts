import { isAscii } from 'node:buffer';
import { StowageError } from '../../errors.ts';
import { displayText } from '../../model/byte-name.ts';
import type { CsvBlock } from './csv-blocks.ts';
import { csvRows } from './csv-rows.ts';
import { pythonInteger } from './python-integer.ts';

/** The rows of a block, column by column. */
export interface BlockRows {
  readonly names: readonly string[];
  /** The size in bytes of a row. Throws `corrupt` if it is no whole number. */
  size(row: number): number | bigint;
  /** The time of a row, in seconds since 1970 UTC. Throws `corrupt` if it is no whole number. */
  mtime(row: number): number | bigint;
}

/** Reads a block. Throws `corrupt` for rows without a name. */
export function blockRows({ bytes, columns }: CsvBlock): BlockRows {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = asText(buffer);
  const isPlain = columns.name === 0 && columns.size === 1 && columns.mtime === 2;
  return (isPlain && !text.includes('"') ? plainRows(text) : undefined) ?? anyRows(text, columns);
}

/** Most caches hold nothing else, and are read several times faster as bytes. */
function asText(buffer: Buffer): string {
  return buffer.toString(isAscii(buffer) ? 'latin1' : 'utf8');
}

/** Undefined if a carriage return stands somewhere else than before a line feed. */
function plainRows(text: string): BlockRows | undefined {
  const names: string[] = [];
  let carriageReturn = -1;
  // Where the size of a row begins; its name ends one before.
  const starts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    if (carriageReturn < at) {
      const next = text.indexOf('\r', at);
      carriageReturn = next < 0 ? text.length : next;
    }
    if (carriageReturn < end - 1) return undefined;
    const comma = text.indexOf(',', at);
    if (comma >= 0 && comma < end) {
      names.push(text.slice(at, comma));
      starts.push(comma + 1);
    } else if (end > at && text.slice(at, end) !== '\r') {
      names.push(text.slice(at, end).replace(/\r$/, ''));
      starts.push(end);
    }
    at = end + 1;
  }
  const fieldFrom = (start: number): string => /[^,\r\n]*/y.exec(text.slice(start, start + 80))![0];
  return {
    names,
    size: (row) => digitsAt(text, starts[row]!) ?? integer(fieldFrom(starts[row]!), names[row]!, 'Size'),
    mtime(row) {
      const end = text.indexOf('\n', starts[row]!);
      const comma = text.indexOf(',', starts[row]!);
      const start = comma < 0 || (end >= 0 && comma > end) ? text.length : comma + 1;
      return digitsAt(text, start) ?? integer(fieldFrom(start), names[row]!, 'Mtime');
    },
  };
}

function anyRows(text: string, columns: CsvBlock['columns']): BlockRows {
  const names: string[] = [];
  const sizes: string[] = [];
  const mtimes: string[] = [];
  for (const row of csvRows(text)) {
    const name = row[columns.name];
    if (name === undefined) throw new StowageError('corrupt', "the cache has no column 'Name'", { hint });
    names.push(name);
    sizes.push(row[columns.size] ?? '');
    mtimes.push(row[columns.mtime] ?? '');
  }
  return {
    names,
    size: (row) => integer(sizes[row]!, names[row]!, 'Size'),
    mtime: (row) => integer(mtimes[row]!, names[row]!, 'Mtime'),
  };
}

const hint = 'make it anew, with -D or -H';

/** A number that is nothing but digits, and exact; undefined for anything else. */
function digitsAt(text: string, start: number): number | undefined {
  let value = 0;
  for (let at = start; at < start + 16; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (at === start) return undefined;
    // A comma, a line end, or the end of the text.
    else return digit === -4 || digit === -35 || digit === -38 || Number.isNaN(digit) ? value : undefined;
  }
  return undefined;
}

function integer(text: string, name: string, column: string): number | bigint {
  const value = pythonInteger(text);
  if (value === undefined) {
    const what = `the cache has no whole number as ${column} of '${displayText(name)}': '${displayText(text)}'`;
    throw new StowageError('corrupt', what, { hint });
  }
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
