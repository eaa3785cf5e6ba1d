import { copyBytes } from '../../scan/digits.ts';
import { diskRun, wholeSeconds } from './disk-run.ts';
import { type RunPieces, runPieces } from './disk-run-file.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const percent = 0x25;
const comma = 0x2c;
const minus = 0x2d;
const slash = 0x2f;
const nine = 0x39;
const letterOf = { file: 0x66, directory: 0x64, empty: 0x65 } as const;

/** Lines in a row that are about names of one directory. */
interface Group {
  /** Where in the lines its first begins. */
  readonly from: number;
  readonly disk: number;
  /** The directory's path: where it begins, and how long it is. */
  readonly pathAt: number;
  readonly pathLength: number;
  /** Its rows, and where they begin in the text. */
  rows: number;
  readonly textFrom: number;
  /** The last name of a file. */
  nameAt: number;
  nameEnd: number;
  /** False if it has what must be looked at twice. */
  isPlain: boolean;
  readonly below: string[];
}

/**
 * The rows of a cache for whole lines of a listing that was just made, in pieces of a run (disk-run-file.ts): as `diskRun` makes them, but from bytes to bytes, and in
 * the order in which the directories come; some may come twice.
 */
export function diskRows(lines: Uint8Array, disks: readonly string[]): Uint8Array {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const out = runPieces(lines.length);
  // A row is never longer than its line.
  const text = Buffer.allocUnsafe(lines.length);
  let length = 0;
  let group: Group | undefined;
  const end = (to: number) => {
    if (group !== undefined) length = endGroup(bytes, to, disks, group, text, length, out);
    group = undefined;
  };
  for (let at = 0; at < bytes.length; ) {
    let pathEnd = at;
    let lastSlash = -1;
    let isPlain = true;
    for (let byte = bytes[pathEnd]!; byte !== comma; byte = bytes[pathEnd]!) {
      if (byte === slash) lastSlash = pathEnd;
      else if (byte === percent || byte >= 0x80) isPlain = false;
      pathEnd += 1;
    }
    let next = pathEnd + 1;
    let disk = 0;
    for (; bytes[next] !== comma; next += 1) disk = disk * 10 + bytes[next]! - 0x30;
    const letter = bytes[next + 1]!;
    const sizeAt = next + 3;
    const lineEnd = bytes.indexOf(newline, sizeAt);
    const pathLength = Math.max(lastSlash - at, 0);
    if (letter === letterOf.empty && isPlain) {
      out.add({ ...bare(disk, bytes.toString('latin1', at, pathEnd)), rows: 0 }, text, 0, 0);
      at = lineEnd + 1;
      continue;
    }
    if (group === undefined || group.disk !== disk || !isSame(bytes, group.pathAt, group.pathLength, at, pathLength)) {
      end(at);
      group = {
        from: at,
        disk,
        pathAt: at,
        pathLength,
        rows: 0,
        textFrom: length,
        nameAt: 0,
        nameEnd: 0,
        isPlain,
        below: [],
      };
    }
    if (!isPlain) group.isPlain = false;
    else if (letter === letterOf.directory) group.below.push(bytes.toString('latin1', at, pathEnd));
    else if (letter !== letterOf.file) group.isPlain = false;
    else if (group.isPlain) {
      const nameAt = lastSlash < 0 ? at : lastSlash + 1;
      if (!isAfter(bytes, group.nameAt, group.nameEnd, nameAt, pathEnd)) group.isPlain = false;
      group.nameAt = nameAt;
      group.nameEnd = pathEnd;
      group.rows += 1;
      length = putRow(bytes, at, pathEnd, sizeAt, text, length);
    }
    at = lineEnd + 1;
  }
  end(bytes.length);
  return out.take();
}

function bare(disk: number, path: string) {
  return { disk, key: path.replaceAll('/', '\0'), odd: [], readable: true };
}

/** Where the text ends then. */
function endGroup(
  bytes: Buffer,
  to: number,
  disks: readonly string[],
  { from, disk, pathAt, pathLength, rows, textFrom, isPlain, below }: Group,
  text: Buffer,
  length: number,
  out: RunPieces,
): number {
  if (!isPlain) {
    for (const { text: own, ...head } of diskRun(bytes.toString('utf8', from, to), disks)) {
      const encoded = Buffer.from(own, 'utf8');
      out.add(head, encoded, 0, encoded.length);
    }
    return textFrom;
  }
  out.add({ ...bare(disk, bytes.toString('latin1', pathAt, pathAt + pathLength)), rows }, text, textFrom, length);
  for (const path of below) out.add({ ...bare(disk, path), rows: 0 }, text, 0, 0);
  return length;
}

function putRow(bytes: Buffer, from: number, pathEnd: number, sizeAt: number, text: Buffer, at: number): number {
  let to = copyBytes(text, at, bytes, from, pathEnd);
  text[to] = comma;
  to += 1;
  let next = sizeAt;
  for (; bytes[next] !== comma; next += 1) {
    text[to] = bytes[next]!;
    to += 1;
  }
  text[to] = comma;
  to += 1;
  const timeAt = next + 1;
  let timeEnd = timeAt;
  while (bytes[timeEnd] !== comma) timeEnd += 1;
  const seconds = timeEnd - 9;
  // What a float makes of the nanoseconds is not more than the seconds, unless it is nearly one more.
  const isNear = bytes[seconds] === nine && bytes[seconds + 1] === nine && bytes[seconds + 2] === nine;
  if (bytes[timeAt] === minus || seconds <= timeAt || timeEnd - timeAt > 20 || isNear) {
    to += text.write(String(wholeSeconds(bytes.toString('latin1', timeAt, timeEnd))), to, 'latin1');
  } else to = copyBytes(text, to, bytes, timeAt, seconds);
  text[to] = carriageReturn;
  text[to + 1] = newline;
  return to + 2;
}

function isSame(bytes: Buffer, oneAt: number, oneLength: number, otherAt: number, otherLength: number): boolean {
  if (oneLength !== otherLength) return false;
  for (let at = 0; at < oneLength; at += 1) if (bytes[oneAt + at] !== bytes[otherAt + at]) return false;
  return true;
}

/** True if the second name comes after the first. */
function isAfter(bytes: Buffer, oneAt: number, oneEnd: number, otherAt: number, otherEnd: number): boolean {
  const length = Math.min(oneEnd - oneAt, otherEnd - otherAt);
  for (let at = 0; at < length; at += 1) {
    const difference = bytes[otherAt + at]! - bytes[oneAt + at]!;
    if (difference !== 0) return difference > 0;
  }
  return otherEnd - otherAt > oneEnd - oneAt;
}
