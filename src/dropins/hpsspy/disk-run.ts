import { isUtf8Name } from '../../model/byte-name.ts';
import { baseOf, parentOf } from '../../model/relative-path.ts';
import { unescapeName } from '../../shards/escaped-name.ts';
import { type ListingRow, lineRow } from '../../shards/listing-row.ts';
import { csvRow } from './csv-cache.ts';

/** What one part of a listing says of one directory. */
export interface DiskDirectory {
  /** The number of its root. */
  readonly disk: number;
  /** Relative to the root, with a NUL for each `/`: so sorted, a directory comes right before what is below it. */
  readonly key: string;
  readonly rows: number;
  /** Rows of a cache, sorted by name. */
  readonly text: string;
  /** What cannot stand in a cache, or should not be passed over in silence. */
  readonly odd: readonly OddEntry[];
  /** The directory itself could be read. */
  readonly readable: boolean;
}

/** An entry that needs a word. `row` is how many rows of its directory come before it. */
export interface OddEntry {
  readonly name: string;
  readonly row: number;
  readonly what: 'unseen' | 'not-utf8' | 'link' | 'special';
  /** Why it could not be looked at, or what it is. */
  readonly why: string;
}

interface Gathered {
  readonly files: { readonly name: string; readonly row: string }[];
  readonly odd: { readonly name: string; readonly what: OddEntry['what']; readonly why: string }[];
  readable: boolean;
}

/** The directories in lines of a listing, sorted by root and key; in each the files, sorted by name. */
export function diskRun(lines: string, disks: readonly string[]): readonly DiskDirectory[] {
  const byDisk = disks.map(() => new Map<string, Gathered>());
  let last: { readonly disk: number; readonly parent: string; readonly gathered: Gathered } | undefined;
  const directory = (disk: number, path: string): Gathered => {
    if (last?.disk === disk && last.parent === path) return last.gathered;
    const known = byDisk[disk]!;
    let gathered = known.get(path);
    if (gathered === undefined) {
      gathered = { files: [], odd: [], readable: true };
      known.set(path, gathered);
    }
    last = { disk, parent: path, gathered };
    return gathered;
  };
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf('\n', at);
    const file = plainFile(lines, at, end);
    if (file !== undefined) directory(file.disk, file.parent).files.push(file);
    else addOther(lineRow(lines.slice(at, end), disks), disks, directory);
    at = end + 1;
  }
  const found: DiskDirectory[] = [];
  for (const [disk, directories] of byDisk.entries()) {
    const keyed = [...directories].map(([path, gathered]) => ({ key: path.replaceAll('/', '\0'), gathered }));
    keyed.sort((one, other) => (one.key < other.key ? -1 : 1));
    for (const { key, gathered } of keyed) found.push({ disk, key, ...sorted(gathered) });
  }
  return found;
}

/** The file in most lines: one whose name needs no quotes and no second look. */
function plainFile(lines: string, at: number, end: number) {
  const comma = lines.indexOf(',', at);
  const letter = lines.indexOf(',', comma + 1) + 1;
  if (lines[letter] !== 'f') return undefined;
  const size = letter + 2;
  const time = lines.indexOf(',', size) + 1;
  const path = lines.slice(at, comma);
  const mtime = lines.slice(time, lines.indexOf(',', time));
  const name = path.includes('%') ? unescapeName(path) : path;
  if (end < 0 || (name !== path && !isUtf8Name(name))) return undefined;
  return {
    disk: Number(lines.slice(comma + 1, letter - 1)),
    parent: parentOf(name),
    name: baseOf(name),
    row: csvRow(name, lines.slice(size, time - 1), wholeSeconds(mtime)),
  };
}

function addOther(
  row: ListingRow,
  disks: readonly string[],
  directory: (disk: number, path: string) => Gathered,
): void {
  const disk = disks.indexOf(row.disk);
  const parent = directory(disk, parentOf(row.path));
  const name = baseOf(row.path);
  if (!('type' in row)) {
    if (row.kind === 'empty') directory(disk, row.path);
    else if (row.directory) {
      const itself = directory(disk, row.path);
      itself.readable = false;
      itself.odd.push({ name: '', what: 'unseen', why: row.reason });
    } else parent.odd.push({ name, what: 'unseen', why: row.reason });
    return;
  }
  if (row.type === 'directory') {
    directory(disk, row.path);
    return;
  }
  if (row.type === 'link') {
    parent.odd.push({ name, what: 'link', why: row.target ?? '' });
    return;
  }
  if (!isUtf8Name(row.path)) parent.odd.push({ name, what: 'not-utf8', why: row.path });
  else parent.files.push({ name, row: csvRow(row.path, row.bytes, wholeSeconds(String(row.mtimeNs))) });
  if (row.type !== 'file') parent.odd.push({ name, what: 'special', why: row.type });
}

/** As Python has it: through a float, and then cut towards zero. */
export function wholeSeconds(nanoseconds: string): number {
  const negative = nanoseconds.startsWith('-');
  const digits = negative ? nanoseconds.slice(1) : nanoseconds;
  let seconds = Number(digits.slice(0, -9) || '0');
  let rest = Number(digits.slice(-9));
  if (negative) {
    seconds = -seconds;
    if (rest > 0) {
      seconds -= 1;
      rest = 1_000_000_000 - rest;
    }
  }
  // Never -0, which would be written as such.
  return Math.trunc(seconds + rest * 1e-9) + 0;
}

function sorted({ files, odd, readable }: Gathered): Omit<DiskDirectory, 'disk' | 'key'> {
  files.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  let text = '';
  for (const { row } of files) text += row;
  odd.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  let row = 0;
  const placed = odd.map((one) => {
    while (row < files.length && files[row]!.name < one.name) row += 1;
    return { ...one, row };
  });
  return { rows: files.length, text, odd: placed, readable };
}
