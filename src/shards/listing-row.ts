import { StowageError } from '../errors.ts';
import { type Entry, type EntryType, type Unseen, unknownOwner } from '../model/entry.ts';
import { escapeName, unescapeName } from './escaped-name.ts';

/** A directory that was read and held nothing. It stands beside its own entry. */
export interface EmptyDirectory {
  readonly path: string;
  readonly disk: string;
  readonly kind: 'empty';
}

/** What a line of a listing says. */
export type ListingRow = Entry | Unseen | EmptyDirectory;

/** The columns of a line, in order; the first line of each shard. */
export const listingColumns = 'path,disk,type,bytes,mtime_ns,mode,uid,gid,target,shared,reason';

/** `find -printf %y` has the same letters for entries. A capital letter stands for what could not be seen, lower case `e` for an empty directory. */
export const typeLetters: { readonly [type in EntryType]: string } = {
  file: 'f',
  link: 'l',
  directory: 'd',
  fifo: 'p',
  socket: 's',
  'character-device': 'c',
  'block-device': 'b',
};
const types = new Map(Object.entries(typeLetters).map(([type, letter]) => [letter, type as EntryType]));
const unseenLetters = { unreadable: ['U', 'D'], vanished: ['V', 'G'] } as const;
const unseenKinds: ReadonlyMap<string, Pick<Unseen, 'kind' | 'directory'>> = new Map([
  ['U', { kind: 'unreadable', directory: false }],
  ['D', { kind: 'unreadable', directory: true }],
  ['V', { kind: 'vanished', directory: false }],
  ['G', { kind: 'vanished', directory: true }],
]);

/** The type behind the letter in a line; undefined for what could not be seen, and for an empty directory. */
export function entryTypeOf(letter: string): EntryType | undefined {
  return types.get(letter);
}

/** A line of a listing, with its newline. `disk` is the number of the row's root. Unknown owners are empty. */
export function rowLine(row: ListingRow, disk: number): string {
  const path = escapeName(row.path);
  if ('type' in row) {
    const target = row.target === undefined ? '' : escapeName(row.target);
    return `${path},${disk},${typeLetters[row.type]},${row.bytes},${row.mtimeNs},${row.mode.toString(8)},${ownerText(row.uid)},${ownerText(row.gid)},${target},${row.sharedFile ?? ''},\n`;
  }
  if (row.kind === 'empty') return `${path},${disk},e,,,,,,,,\n`;
  return `${path},${disk},${unseenLetters[row.kind][row.directory ? 1 : 0]},,,,,,,,${escapeName(row.reason)}\n`;
}

/** The path in a line. */
export function pathOfLine(line: string): string {
  return unescapeName(line.slice(0, line.indexOf(',')));
}

/** The letter of the type in a line. */
export function letterOfLine(line: string): string {
  return line[line.indexOf(',', line.indexOf(',') + 1) + 1] ?? '';
}

/** The size in a line. */
export function bytesOfLine(line: string): number {
  const start = line.indexOf(',', line.indexOf(',', line.indexOf(',') + 1) + 1) + 1;
  return Number(line.slice(start, line.indexOf(',', start)));
}

function ownerText(owner: number): string {
  return owner === unknownOwner ? '' : String(owner);
}

/** The row of a line without its newline. Throws `corrupt`, with the line, for one that no `rowLine` made. */
export function lineRow(line: string, disks: readonly string[]): ListingRow {
  const fields = line.split(',');
  const [path, disk, letter, bytes, mtimeNs, mode, uid, gid, target, shared, reason] = fields as [
    ...(readonly [string, string, string, string, string, string, string, string, string, string, string]),
  ];
  const root = disks[Number(disk)];
  if (fields.length !== 11 || root === undefined) throw badLine(line);
  const place = { path: unescapeName(path), disk: root };
  if (letter === 'e') return { ...place, kind: 'empty' };
  const type = entryTypeOf(letter);
  if (type === undefined) {
    const unseen = unseenKinds.get(letter);
    if (unseen === undefined) throw badLine(line);
    return { ...place, ...unseen, reason: unescapeName(reason) };
  }
  return {
    path: place.path,
    disk: root,
    type,
    bytes: Number(bytes),
    mtimeNs: BigInt(mtimeNs),
    mode: Number.parseInt(mode, 8),
    uid: uid === '' ? unknownOwner : Number(uid),
    gid: gid === '' ? unknownOwner : Number(gid),
    ...(type === 'link' ? { target: unescapeName(target) } : {}),
    ...(shared === '' ? {} : { sharedFile: shared }),
  };
}

/** The entries among lines. */
export function entriesOf(lines: readonly string[], disks: readonly string[]): readonly Entry[] {
  const entries: Entry[] = [];
  for (const line of lines) {
    const row = lineRow(line, disks);
    if ('type' in row) entries.push(row);
  }
  return entries;
}

function badLine(line: string): StowageError {
  return new StowageError('corrupt', `a listing has a line that is none: '${line}'`, {
    hint: 'scan again: stowage scan CONFIG SECTION --rescan',
  });
}
