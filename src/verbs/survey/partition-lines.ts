import { statSync } from 'node:fs';
import { appendWork } from '../../durable/append-work.ts';
import { fsPath } from '../../model/byte-name.ts';
import type { Finding } from '../../plan/finding.ts';
import { escapeName, unescapeName } from '../../shards/escaped-name.ts';
import type { FateKind } from './fate-counts.ts';
import type { Grouping } from './grouping.ts';
import { partitionOf, partitionOfArchive } from './partition-of.ts';
import { linesIn } from './work-lines.ts';

/** Writes what was sorted into files, one for each partition and writer, so that each can be read alone. */
export interface PartitionWriter {
  mapped(archive: string, rule: number, line: string): void;
  other(path: string, counted: FateKind | undefined, bytes: number, finding: Finding | undefined): void;
  /** Writes what is still in memory. */
  end(): void;
}

/** What all buffers of a writer may hold together, and each of them. Small strings that are kept make the garbage collector copy them again and again. */
const mostBytes = { all: 32 << 20, each: 1 << 20 };

/** The file of a partition and a writer. */
export function partitionPath(folder: string, partition: number, writer: number): string {
  return `${folder}/${partition}.${writer}.lines`;
}

/** A writer with files of its own: `writer` is its number. */
export function partitionWriter(folder: string, partitions: number, writer: number): PartitionWriter {
  const size = Math.min(mostBytes.each, Math.floor(mostBytes.all / partitions));
  const buffers = Array.from({ length: partitions }, () => Buffer.allocUnsafeSlow(size));
  const filled = new Uint32Array(partitions);
  const flush = (partition: number) => {
    const content = buffers[partition]!.subarray(0, filled[partition]);
    if (content.length > 0) appendWork(partitionPath(folder, partition, writer), content);
    filled[partition] = 0;
  };
  const add = (partition: number, line: string) => {
    // A unit of a string is at most three bytes.
    if (filled[partition]! + 3 * line.length > size) flush(partition);
    if (3 * line.length > size) appendWork(partitionPath(folder, partition, writer), line);
    else filled[partition]! += buffers[partition]!.write(line, filled[partition]!, 'utf8');
  };
  return {
    mapped: (archive, rule, line) =>
      add(partitionOfArchive(archive, partitions), `M${escapeName(archive)},${rule},${line}\n`),
    other(path, counted, bytes, finding) {
      const told = finding === undefined ? '' : JSON.stringify(finding);
      add(partitionOf(path, partitions), `O${escapeName(path)},${counted ?? ''},${bytes},${told}\n`);
    },
    end() {
      for (let partition = 0; partition < partitions; partition += 1) flush(partition);
    },
  };
}

/** Reads what all writers wrote of a partition. */
export function readPartition(folder: string, partition: number, writers: readonly number[], into: Grouping): void {
  for (const writer of writers) {
    for (const line of linesIn(partitionPath(folder, partition, writer))) readLine(line, into);
  }
}

/** How large the files of a partition are together. */
export function partitionBytes(folder: string, partition: number, writers: readonly number[]): number {
  return writers.reduce((sum, writer) => {
    const found = statSync(fsPath(partitionPath(folder, partition, writer)), { throwIfNoEntry: false });
    return sum + (found?.size ?? 0);
  }, 0);
}

/** How many lines of a partition go to which archive. */
export function mappedLines(
  folder: string,
  partition: number,
  writers: readonly number[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const writer of writers) {
    for (const line of linesIn(partitionPath(folder, partition, writer))) {
      if (line[0] !== 'M') continue;
      const name = line.slice(1, line.indexOf(','));
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return new Map([...counts].map(([name, count]) => [unescapeName(name), count]));
}

function readLine(line: string, into: Grouping): void {
  const first = line.indexOf(',');
  const second = line.indexOf(',', first + 1);
  const name = unescapeName(line.slice(1, first));
  const word = line.slice(first + 1, second);
  if (line[0] === 'M') {
    into.mapped(name, Number(word), line.slice(second + 1));
    return;
  }
  const third = line.indexOf(',', second + 1);
  const told = line.slice(third + 1);
  const finding = told === '' ? undefined : (JSON.parse(told) as Finding);
  into.other(name, word === '' ? undefined : (word as FateKind), Number(line.slice(second + 1, third)), finding);
}
