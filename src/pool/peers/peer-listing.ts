import { StowageError } from '../../errors.ts';
import { displayName, nameFromBytes } from '../../model/byte-name.ts';
import type { EntryType } from '../../model/entry.ts';
import { timeFromText } from '../../model/file-time.ts';
import { unsafePath } from '../../model/relative-path.ts';
import { isMastersOwn, type PeerEntry } from './peer.ts';

const types: Readonly<Record<string, EntryType>> = {
  f: 'file',
  d: 'directory',
  l: 'link',
  p: 'fifo',
  s: 'socket',
  c: 'character-device',
  b: 'block-device',
};

/** What a peer's listing says (remote-script.ts): with `full`, from GNU find. Throws `unavailable` for what no find says. */
export function readListing(bytes: Buffer, full: boolean): ReadonlyMap<string, PeerEntry> {
  const fields = partsOf(bytes);
  const entries = new Map<string, PeerEntry>();
  const step = full ? 2 : 1;
  for (let at = 0; at < fields.length; at += step) {
    const entry = full ? fullEntry(fields[at]!, fields[at + 1]) : plainEntry(fields[at]!);
    if (entry === undefined) throw strange(fields[at]!);
    if (!isMastersOwn(entry.path)) entries.set(entry.path, entry);
  }
  return entries;
}

/** The digests that a peer computed, by path. */
export function readDigests(bytes: Buffer): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const part of partsOf(bytes)) {
    const sha256 = part.toString('latin1', 0, 64);
    const path = pathOf(part.subarray(66));
    if (!/^[0-9a-f]{64}$/.test(sha256) || part.toString('latin1', 64, 66) !== '  ' || path === undefined)
      throw strange(part);
    if (!isMastersOwn(path)) digests.set(path, sha256);
  }
  return digests;
}

function partsOf(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    if (end < 0) throw strange(bytes.subarray(at));
    parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return parts;
}

function fullEntry(head: Buffer, link: Buffer | undefined): PeerEntry | undefined {
  const match = /^([a-zA-Z])\t([0-7]{1,5})\t(-?\d+(?:\.\d+)?)\t(\d+)\t/.exec(head.toString('latin1'));
  if (match === null || link === undefined) return undefined;
  const [all, letter, mode, time, size] = match;
  const type = types[letter!];
  const path = pathOf(head.subarray(all.length));
  const mtimeNs = timeFromText(time!);
  if (type === undefined || path === undefined || mtimeNs === undefined) return undefined;
  const bytes = type === 'file' ? Number(size) : 0;
  const entry = { path, type, bytes, mtimeNs, mode: Number.parseInt(mode!, 8) };
  return type === 'link' ? { ...entry, target: nameFromBytes(link) } : entry;
}

function plainEntry(part: Buffer): PeerEntry | undefined {
  const type = types[String.fromCharCode(part[0] ?? 0)];
  const path = pathOf(part.subarray(2));
  return type === undefined || path === undefined || part[1] !== 0x09 ? undefined : { path, type };
}

/** The path behind `./`; undefined for what lies anywhere else. */
function pathOf(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x2e || bytes[1] !== 0x2f) return undefined;
  const path = nameFromBytes(bytes.subarray(2));
  return unsafePath(path) === undefined ? path : undefined;
}

function strange(part: Buffer): StowageError {
  return new StowageError(
    'unavailable',
    `the peer's listing cannot be understood: '${displayName(nameFromBytes(part.subarray(0, 200)))}'`,
  );
}
