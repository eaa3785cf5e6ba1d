import { packedLength } from '../../pack/packed-length.ts';
import { smallBytes } from '../../pack/small-file.ts';
import { blockBytes, nameLimit, padded } from '../../pack/tar-header.ts';
import { entryItem, lineEntry } from './line-item.ts';

/** What must be known of a line before it is packed. */
export interface LineLength {
  /** How many bytes its member takes in an archive, exactly. */
  readonly packed: number;
  /** True if it can be packed together with others: it is small, and has one name. */
  readonly isSmall: boolean;
}

const comma = 0x2c;
const percent = 0x25;
const wholeSecond = '000000000';

/** Measures a line of a listing. */
export function lineLength(line: string, roots: readonly string[]): LineLength {
  return quickLength(line) ?? slowLength(line, roots);
}

/** Of nearly every line: a file with one short ASCII name, a time of this era and an owner that fits a header. */
function quickLength(line: string): LineLength | undefined {
  let path = 0;
  for (let code = line.charCodeAt(0); code !== comma; code = line.charCodeAt(path)) {
    if (code === percent || code > 0x7e) return undefined;
    path += 1;
  }
  const disk = line.indexOf(',', path + 1);
  if (path > nameLimit || line[disk + 1] !== 'f') return undefined;
  const size = disk + 3;
  const sizeEnd = line.indexOf(',', size);
  const timeEnd = line.indexOf(',', sizeEnd + 1);
  const modeEnd = line.indexOf(',', timeEnd + 1);
  const userEnd = line.indexOf(',', modeEnd + 1);
  const groupEnd = line.indexOf(',', userEnd + 1);
  // Ten digits of seconds that eleven octal ones can hold; six digits of an owner always fit.
  if (timeEnd - sizeEnd !== 20 || line[sizeEnd + 1] === '-' || line[sizeEnd + 1]! > '7') return undefined;
  if (userEnd - modeEnd > 7 || groupEnd - userEnd > 7 || groupEnd - modeEnd < 4) return undefined;
  // No target, no other names, no reason.
  if (line.length !== groupEnd + 3) return undefined;
  const bytes = Number(line.slice(size, sizeEnd));
  if (bytes > smallBytes) return undefined;
  const header = line.endsWith(wholeSecond, timeEnd) ? blockBytes : 3 * blockBytes;
  return { packed: header + padded(bytes), isSmall: true };
}

function slowLength(line: string, roots: readonly string[]): LineLength {
  const entry = lineEntry(line, roots);
  return {
    packed: packedLength(entryItem(entry)),
    isSmall: entry.bytes <= smallBytes && entry.sharedFile === undefined,
  };
}
