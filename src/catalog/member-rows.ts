import { nameToBytes } from '../model/byte-name.ts';
import { isOfMinute } from '../model/compare-members.ts';
import type { Member } from '../model/manifest.ts';
import { type MemberInJson, memberFromJson } from '../model/manifest-json.ts';
import { parentOf } from '../model/relative-path.ts';
import { escapeName } from '../shards/escaped-name.ts';
import { parseSoundLine, tailLength } from './journal-line.ts';

/** How the index tells kinds of members: a further name shares the content of another member; what is torn is no state that its file ever had; of some only the minute is known. */
export const memberKinds = {
  file: 0,
  link: 1,
  directory: 2,
  further: 3,
  torn: 4,
  fileOfMinute: 5,
  linkOfMinute: 6,
} as const;

/** The columns of a row of the index, in order; see docs/formats/record-index.md. */
export const memberColumns = {
  path: 'VARCHAR',
  sort: 'VARCHAR',
  kind: 'UTINYINT',
  bytes: 'BIGINT',
  mtime: 'BIGINT',
  archive: 'UINTEGER',
  place: 'BIGINT',
  length: 'UINTEGER',
  since: 'VARCHAR',
  target: 'VARCHAR',
} as const;

/** Member lines as rows for the database, gathered in one buffer. */
export interface MemberRows {
  /**
   * Adds the sound line that stands at `from` to `end` in `bytes` and at `place` in its journal. What the line says goes into the row byte by byte where that can be: a record has
   * millions of them.
   */
  add(bytes: Buffer, from: number, end: number, archive: number, place: number): void;
  /** As `add`, slower: for archives that others made, and where members stood in an earlier archive: since when, by path. */
  addSince(
    bytes: Buffer,
    from: number,
    end: number,
    archive: number,
    place: number,
    since: ReadonlyMap<string, string>,
  ): void;
  /** What was gathered, and starts over: good until the next row is added. */
  take(): Buffer;
  readonly size: () => number;
}

/** Nanoseconds beyond these stand there: all that a calculation makes of them fits into 64 bits. */
const lastNs = 2n ** 63n - 2n * 10n ** 9n;

/** A time as the index has it. */
export function indexedTime(ns: bigint): bigint {
  return ns > lastNs ? lastNs : ns < -lastNs ? -lastNs : ns;
}

/** Rows of members. `onFolder` is told the escaped name of the folder and the size of each that is no directory. */
export function memberRows(onFolder: (folder: string, bytes: number, shares: boolean) => void): MemberRows {
  let out = Buffer.allocUnsafeSlow(1 << 20);
  let used = 0;
  const folders = sameFolders(onFolder);

  const room = (bytes: number): void => {
    if (used + bytes <= out.length) return;
    const more = Buffer.allocUnsafeSlow(Math.max(out.length * 2, used + bytes));
    out.copy(more, 0, 0, used);
    out = more;
  };
  const text = (value: string): void => {
    room(value.length * 3);
    used += out.write(value, used, 'utf8');
  };
  const slowly = (
    bytes: Buffer,
    from: number,
    end: number,
    archive: number,
    place: number,
    since?: ReadonlyMap<string, string>,
  ): void => {
    const member = memberFromJson(parseSoundLine(bytes, from, end) as MemberInJson);
    const path = escapeName(member.path);
    const sort = path.includes('%') ? nameToBytes(member.path).toString('hex') : '';
    const mtime = indexedTime(member.mtimeNs);
    const facts = `${path},${sort},${kindOf(member)},${member.bytes},${mtime},${archive},${place},${end - from}`;
    text(`${facts},${since?.get(member.path) ?? ''},${escapeName(member.target ?? '')}\n`);
    if (member.type !== 'directory')
      onFolder(escapeName(parentOf(member.path)), member.bytes, member.hardLink !== undefined);
  };
  return {
    add(bytes, from, end, archive, place) {
      const begun = used;
      room(end - from + 100);
      const start = from + pathStart;
      let at = start;
      let slash = -1;
      for (let byte = bytes[at]!; byte !== 0x22 && at < end; at += 1, byte = bytes[at]!) {
        if (byte === 0x2f) slash = at;
        else if (byte === 0x5c || byte === 0x25 || byte === 0x2c || byte === 0x7f)
          return restart(begun, () => slowly(bytes, from, end, archive, place));
        out[used++] = byte;
      }
      const type = bytes[at + typeMark.length];
      // A path in base64 follows, or something that nobody here wrote; or a link; or `"torn":true` stands last.
      if (bytes[at + 2] !== 0x22 || bytes[at + 3] !== 0x74 || type === 0x6c || bytes[end - tailLength - 1] === 0x65)
        return restart(begun, () => slowly(bytes, from, end, archive, place));
      at += type === 0x64 ? directoryLength : fileLength;
      out[used++] = 0x2c;
      out[used++] = 0x2c;
      const kindAt = used++;
      out[used++] = 0x2c;
      let size = 0;
      for (let byte = bytes[at]!; byte !== 0x2c && at < end; at += 1, byte = bytes[at]!) {
        size = size * 10 + byte - 0x30;
        out[used++] = byte;
      }
      at += mtimeMark.length;
      out[used++] = 0x2c;
      const time = used;
      for (let byte = bytes[at]!; byte !== 0x22 && at < end; at += 1, byte = bytes[at]!) {
        if (byte !== 0x2e) out[used++] = byte;
      }
      // Times up to the year 2255 fit into 64 bits for sure.
      if (used - time > (out[time] === 0x2d ? 19 : 18) && (used - time > 19 || out[time]! > 0x38)) {
        return restart(begun, () => slowly(bytes, from, end, archive, place));
      }
      for (let commas = 0; commas < 4 && at < end; at += 1) if (bytes[at] === 0x2c) commas += 1;
      if (at >= end) return restart(begun, () => slowly(bytes, from, end, archive, place));
      const shares = bytes[at + 1] === 0x68;
      out[kindAt] = type === 0x64 ? 0x32 : shares ? 0x33 : 0x30;
      used += out.write(`,${archive},${place},${end - from},,\n`, used, 'latin1');
      if (type !== 0x64) folders.add(bytes, start, slash, size, shares);
    },
    addSince: slowly,
    take() {
      const taken = out.subarray(0, used);
      used = 0;
      return taken;
    },
    size: () => used,
  };

  function restart(begun: number, again: () => void): void {
    used = begun;
    again();
  }
}

const pathStart = '{"kind":"member","path":"'.length;
const typeMark = '","type":"';
const fileLength = '","type":"file","bytes":'.length;
const directoryLength = '","type":"directory","bytes":'.length;
const mtimeMark = ',"mtime":"';

function kindOf(member: Member): number {
  if (member.torn === true) return memberKinds.torn;
  if (member.hardLink !== undefined) return memberKinds.further;
  if (member.type === 'directory' || !isOfMinute(member)) return memberKinds[member.type];
  return member.type === 'link' ? memberKinds.linkOfMinute : memberKinds.fileOfMinute;
}

/** Members of one folder stand together: its name is made a string once. */
function sameFolders(onFolder: (folder: string, bytes: number, shares: boolean) => void) {
  let last = '';
  let lastBytes = Buffer.alloc(0);
  return {
    add(bytes: Buffer, start: number, slash: number, size: number, shares: boolean): void {
      const length = slash < 0 ? 0 : slash - start;
      if (length !== lastBytes.length || bytes.compare(lastBytes, 0, length, start, start + length) !== 0) {
        lastBytes = Buffer.from(bytes.subarray(start, start + length));
        last = lastBytes.toString('utf8');
      }
      onFolder(last, size, shares);
    },
  };
}
