import { nameToBytes } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { paxRecord, paxTime } from './pax.ts';
import {
  blockBytes,
  type HeaderBlock,
  nameLimit,
  octalLimit,
  ownerLimit,
  padded,
  prefixLimit,
  writeHeaderBlock,
} from './tar-header.ts';

/**
 * The blocks in front of a member's content. Plain ustar where everything fits, pax records for what does not:
 * long ASCII names, sizes over 8 GiB - 1, times with a fraction or out of range, large owners.
 *
 * Names that are not ASCII go as their raw bytes into the ustar fields, or, where they do not fit, into GNU long-name
 * records (`L`, `K`) in front of the pax header. That came from an experiment with GNU tar 1.34, bsdtar 3.6.2 (libarchive)
 * and Python 3.11 tarfile, each under LC_ALL=C and C.UTF-8, listing and extracting:
 *
 * | form                               | GNU tar                          | bsdtar                                   | tarfile |
 * |------------------------------------|----------------------------------|------------------------------------------|---------|
 * | raw bytes in the ustar name        | right                            | right                                    | right   |
 * | GNU `L`/`K`, then pax times        | right                            | right                                    | right   |
 * | pax `path`, not UTF-8              | right                            | right, but warns and exits 1             | right   |
 * | pax `path`, UTF-8, LC_ALL=C        | right                            | right, but warns and exits 1             | right   |
 * | pax `path` + `hdrcharset=BINARY`   | right, but warns on every member | right                                    | right   |
 *
 * A time before 1970 with a fraction is `-1.5` for POSIX, GNU tar and Python; bsdtar 3.6.2 reads that as -0.5 s.
 */
export type HeaderMember = Pick<
  Member,
  'path' | 'type' | 'bytes' | 'mtimeNs' | 'mode' | 'uid' | 'gid' | 'target' | 'hardLink'
>;

/** An upper bound for what `writeMemberHeader` needs, cheap to know. A name unit is three bytes at most. */
export function headerRoom(member: HeaderMember): number {
  // Nearly every member: its name fits the header, and at most times, owners and size need a record.
  if (member.path.length < nameLimit && member.type === 'file' && member.hardLink === undefined && isAscii(member.path))
    return 3 * blockBytes;
  const names = 3 * (member.path.length + 1 + (member.target ?? member.hardLink ?? '').length);
  return padded(2 * names + 512) + 6 * blockBytes;
}

const second = 1_000_000_000n;
const slash = 0x2f;

/** Writes all blocks of a member's header at `at`, where `headerRoom` bytes must be free. Returns where the content begins. */
export function writeMemberHeader(into: Buffer, at: number, member: HeaderMember): number {
  const link = member.hardLink ?? member.target;
  const bytes = member.type === 'file' && member.hardLink === undefined ? member.bytes : 0;
  const seconds = Number(member.mtimeNs / second);
  const fraction = Number(member.mtimeNs % second);
  const timeFits = seconds >= 0 && fraction >= 0 && seconds <= octalLimit;
  const path = member.type === 'directory' ? `${member.path}/` : member.path;
  const name = nameField(path);
  const target = link === undefined ? undefined : linkField(link);

  let records = '';
  if (name.pax) records += paxRecord('path', path);
  if (target?.pax) records += paxRecord('linkpath', link!);
  if (bytes > octalLimit) records += paxRecord('size', String(bytes));
  if (member.uid > ownerLimit) records += paxRecord('uid', String(member.uid));
  if (member.gid > ownerLimit) records += paxRecord('gid', String(member.gid));

  let next = at;
  if (target?.gnu) next = writeExtension(into, next, 'K', '././@LongLink', Buffer.concat([target.gnu, nul]));
  if (name.gnu) next = writeExtension(into, next, 'L', '././@LongLink', Buffer.concat([name.gnu, nul]));
  if (records === '' && timeFits && fraction > 0 && seconds >= 1_000_000_000 && seconds < 10_000_000_000) {
    next = writeTimeOnly(into, next, seconds, fraction);
  } else {
    if (!timeFits || fraction > 0) records += paxRecord('mtime', paxTime(member.mtimeNs));
    if (records !== '') next = writeExtension(into, next, 'x', 'PaxHeader', Buffer.from(records, 'latin1'));
  }
  writeHeaderBlock(into, next, {
    name: name.field,
    prefix: name.prefix,
    link: target?.field,
    flag: flagOf(member),
    bytes: bytes > octalLimit ? 0 : bytes,
    seconds: timeFits ? seconds : 0,
    mode: member.mode,
    uid: member.uid > ownerLimit ? 0 : member.uid,
    gid: member.gid > ownerLimit ? 0 : member.gid,
  });
  return next + blockBytes;
}

/** What `writePlainHeader` needs to know of a file. */
export interface PlainHeader {
  /** ASCII, no longer than the field of a header. */
  readonly path: string;
  readonly bytes: number;
  /** Since 1970 UTC, of ten digits, and no more than eleven octal ones hold. */
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly mode: number;
  /** Owners that fit their fields. */
  readonly uid: number;
  readonly gid: number;
}

/** As `writeMemberHeader`, for a file of which nothing but the fraction of its time needs a record. */
export function writePlainHeader(into: Buffer, at: number, file: PlainHeader): number {
  const { path, bytes, seconds, nanoseconds, mode, uid, gid } = file;
  const next = nanoseconds > 0 ? writeTimeOnly(into, at, seconds, nanoseconds) : at;
  writeHeaderBlock(into, next, {
    name: path,
    prefix: undefined,
    link: undefined,
    flag: '0',
    bytes,
    seconds,
    mode,
    uid,
    gid,
  });
  return next + blockBytes;
}

const nul = Buffer.alloc(1);

function flagOf(member: HeaderMember): string {
  if (member.type === 'directory') return '5';
  if (member.hardLink !== undefined) return '1';
  return member.type === 'link' ? '2' : '0';
}

/** How a name is written: its ustar fields, and whether the whole of it goes into a pax or GNU record. */
interface NameForm {
  readonly field: string | Uint8Array;
  readonly prefix?: Uint8Array;
  readonly pax?: true;
  readonly gnu?: Uint8Array;
}

function nameField(path: string): NameForm {
  const ascii = isAscii(path);
  if (ascii && path.length <= nameLimit) return { field: path };
  const bytes = ascii ? Buffer.from(path, 'latin1') : nameToBytes(path);
  if (bytes.length <= nameLimit) return { field: bytes };
  const split = bytes.indexOf(slash, bytes.length - nameLimit - 1);
  if (split > 0 && split <= prefixLimit && split < bytes.length - 1) {
    return { field: bytes.subarray(split + 1), prefix: bytes.subarray(0, split) };
  }
  return tooLong(bytes, ascii);
}

function linkField(link: string): NameForm {
  const ascii = isAscii(link);
  if (ascii && link.length <= nameLimit) return { field: link };
  const bytes = ascii ? Buffer.from(link, 'latin1') : nameToBytes(link);
  return bytes.length <= nameLimit ? { field: bytes } : tooLong(bytes, ascii);
}

/** The field holds the beginning of the name for readers that know no records; a slash at its end would make it a directory. */
function tooLong(bytes: Buffer, ascii: boolean): NameForm {
  let end = nameLimit;
  while (end > 1 && bytes[end - 1] === slash) end -= 1;
  const field = bytes.subarray(0, end);
  return ascii ? { field, pax: true } : { field, gnu: bytes };
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) >= 0x80) return false;
  return true;
}

const extension: Omit<HeaderBlock, 'name' | 'flag' | 'bytes'> = { seconds: 0, mode: 0o644, uid: 0, gid: 0 };

function writeExtension(into: Buffer, at: number, flag: 'x' | 'L' | 'K', name: string, content: Uint8Array): number {
  writeHeaderBlock(into, at, { ...extension, name, flag, bytes: content.length });
  // GNU's own records carry GNU's own magic.
  if (flag !== 'x') gnuMagic(into, at);
  const from = at + blockBytes;
  const to = from + padded(content.length);
  into.set(content, from);
  into.fill(0, from + content.length, to);
  return to;
}

/** Turns `ustar\0` `00` into `ustar  \0` and mends the checksum. */
function gnuMagic(into: Buffer, at: number): void {
  const before = 0 + 0x30 + 0x30;
  const after = 0x20 + 0x20 + 0;
  into.write('  \0', at + 262, 'latin1');
  const sum = Number.parseInt(into.toString('latin1', at + 148, at + 154), 8) + after - before;
  into.write(sum.toString(8).padStart(6, '0'), at + 148, 'latin1');
}

/** A pax header with nothing but a time of this era: nearly every file has one, so it is copied and not built. */
const timeOnly = Buffer.alloc(2 * blockBytes);
writeExtension(timeOnly, 0, 'x', 'PaxHeader', Buffer.from(paxRecord('mtime', '1000000000.000000000'), 'latin1'));
const lastSecond = blockBytes + '30 mtime=1000000000'.length - 1;
const lastFraction = lastSecond + 10;

function writeTimeOnly(into: Buffer, at: number, seconds: number, fraction: number): number {
  into.set(timeOnly, at);
  writeDecimal(into, at + lastSecond, seconds, 10);
  writeDecimal(into, at + lastFraction, fraction, 9);
  return at + timeOnly.length;
}

function writeDecimal(into: Buffer, last: number, value: number, digits: number): void {
  let rest = value;
  for (let at = last; at > last - digits; at -= 1) {
    const digit = rest % 10;
    into[at] = 0x30 + digit;
    rest = (rest - digit) / 10;
  }
}
