import { StowageError } from '../errors.ts';
import { nameFromBytes } from '../model/byte-name.ts';
import type { IndexedItem } from '../model/manifest.ts';
import { countFromPax, type PaxRecords, readPax, timeFromPax } from './pax.ts';
import type { DecodedHeader } from './tar-header.ts';

/** What the headers in front of a member said about it. */
export interface Extras {
  readonly name?: Uint8Array;
  readonly link?: Uint8Array;
  readonly pax?: PaxRecords;
}

/** All that the headers of a member say. */
export interface WholeHeader extends Omit<DecodedHeader, 'seconds' | 'moreSparse'> {
  readonly mtimeNs: bigint;
  readonly sparse: boolean;
}

/** Pax records win over GNU's long names, and those over the header. */
export function withExtras(header: DecodedHeader, general: PaxRecords, extra: Extras, at: number): WholeHeader {
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

/** What was said, and what an extended header (`x`, `L`, `K`) adds to it. */
export function moreExtras(extra: Extras, flag: string, value: Uint8Array, position: number): Extras {
  if (flag === 'L') return { ...extra, name: untilNul(value) };
  if (flag === 'K') return { ...extra, link: untilNul(value) };
  return { ...extra, pax: readPax(value, position) };
}

const foreignTypes: Readonly<Record<string, string>> = {
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a pipe',
  S: 'a sparse file in GNU form',
  M: 'the rest of a file of another volume',
  V: 'a volume label',
};

/** The member that a header stands for; `sizes` are those of the files before it, for hard links. */
export function itemOf(header: WholeHeader, offset: number, sizes: ReadonlyMap<string, number>): IndexedItem {
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

function untilNul(value: Uint8Array): Uint8Array {
  const end = value.indexOf(0);
  return end < 0 ? value : value.subarray(0, end);
}

/** That an archive is damaged, and where. */
export function corrupt(message: string, position: number): StowageError {
  return new StowageError('corrupt', `${message}, at byte ${position}`, { facts: { position } });
}
