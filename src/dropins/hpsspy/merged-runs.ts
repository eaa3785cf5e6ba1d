import { isAscii } from 'node:buffer';
import { baseOf } from '../../model/relative-path.ts';
import { csvRow } from './csv-cache.ts';
import { csvRows } from './csv-rows.ts';
import type { OddEntry } from './disk-run.ts';
import type { DirectoryBytes } from './disk-run-file.ts';

/** All directories of sorted runs, sorted. What several runs say of one directory comes as one. */
export function* mergedRuns(runs: readonly Iterator<DirectoryBytes>[]): Generator<DirectoryBytes> {
  const heads = runs.map((run) => ({ run, next: run.next() }));
  for (;;) {
    let least: DirectoryBytes | undefined;
    let same: (typeof heads)[number][] = [];
    for (const head of heads) {
      if (head.next.done) continue;
      const order = least === undefined ? -1 : compared(head.next.value, least);
      if (order < 0) {
        least = head.next.value;
        same = [head];
      } else if (order === 0) same.push(head);
    }
    if (least === undefined) return;
    yield same.length === 1 ? least : joined(same.map(({ next }) => next.value as DirectoryBytes));
    for (const head of same) head.next = head.run.next();
  }
}

/** Directories in any order as a run. What several say of one directory comes as one. */
export function* sortedRun(directories: readonly DirectoryBytes[]): Generator<DirectoryBytes> {
  const sorted = [...directories].sort(compared);
  for (let at = 0; at < sorted.length; ) {
    let end = at + 1;
    while (end < sorted.length && compared(sorted[at]!, sorted[end]!) === 0) end += 1;
    yield end - at === 1 ? sorted[at]! : joined(sorted.slice(at, end));
    at = end;
  }
}

function compared(one: DirectoryBytes, other: DirectoryBytes): number {
  if (one.disk !== other.disk) return one.disk - other.disk;
  return one.key < other.key ? -1 : one.key > other.key ? 1 : 0;
}

/** A directory with very many names is read in pieces, and one that was under way when a shard was full lies in two. */
function joined(parts: readonly DirectoryBytes[]): DirectoryBytes {
  const [own, ...others] = parts.filter((part) => part.rows > 0 || part.odd.length > 0);
  // Mostly one has what is in it, and another only that it is there: as its parent has it.
  if (others.length === 0) return { ...(own ?? parts[0]!), readable: parts.every(({ readable }) => readable) };
  const text = oneAfterTheOther([own!, ...others]);
  if (text !== undefined) {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    return { ...parts[0]!, rows, text, odd: [], readable: parts.every(({ readable }) => readable) };
  }
  const rows = sortedByName(parts.flatMap((part) => rowsIn(part.text)));
  const [first, ...further] = parts.filter((part) => part.rows > 0);
  const odd = sortedByName(parts.flatMap((part) => part.odd));
  let row = 0;
  const placed = odd.map((one): OddEntry => {
    while (row < rows.length && rows[row]!.name < one.name) row += 1;
    return { ...one, row };
  });
  return {
    ...parts[0]!,
    rows: rows.length,
    text: first !== undefined && further.length === 0 ? first.text : textOf(rows),
    odd: placed,
    readable: parts.every(({ readable }) => readable),
  };
}

/** Rows of one directory, sorted by name. */
export function sortedRows(text: Uint8Array): Uint8Array {
  return textOf(sortedByName(rowsIn(text)));
}

interface Row {
  readonly name: string;
  readonly row: string;
}

function rowsIn(bytes: Uint8Array): Row[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (text.includes('"')) {
    const all = [...csvRows(text)] as [string, string, string][];
    return all.map(([name, size, mtime]) => ({ name: baseOf(name), row: csvRow(name, size, mtime) }));
  }
  // What would need quotes to stand in a name is not there.
  const lines = text.split(lineEnd);
  lines.pop();
  return lines.map((line) => ({ name: baseOf(line.slice(0, line.indexOf(','))), row: line + lineEnd }));
}

function textOf(rows: readonly Row[]): Uint8Array {
  return Buffer.from(rows.map(({ row }) => row).join(''), 'utf8');
}

function sortedByName<One extends { readonly name: string }>(all: One[]): One[] {
  return all.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

const lineEnd = '\r\n';
const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;

/** The rows of parts of which each ends before the next begins: a directory is read by name, and somebody else went on. Undefined if they are not so, or cannot be told by bytes. */
function oneAfterTheOther(parts: readonly DirectoryBytes[]): Uint8Array | undefined {
  if (parts.some(({ odd, text }) => odd.length > 0 || !isAscii(text) || text.includes(quote))) return undefined;
  const ranges = parts.map(({ text }) => ({ text, first: nameAt(text, 0), last: nameAt(text, startOfLast(text)) }));
  ranges.sort((one, other) => (one.first < other.first ? -1 : 1));
  for (let at = 1; at < ranges.length; at += 1) if (ranges[at - 1]!.last >= ranges[at]!.first) return undefined;
  return Buffer.concat(ranges.map(({ text }) => text));
}

function startOfLast(text: Uint8Array): number {
  return text.lastIndexOf(newline, text.length - 2) + 1;
}

function nameAt(text: Uint8Array, at: number): string {
  return Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1', at, text.indexOf(comma, at));
}
