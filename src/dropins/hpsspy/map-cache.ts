import { statSync } from 'node:fs';
import { fsPath } from '../../model/byte-name.ts';
import type { Rule } from '../../rules/section.ts';
import type { Crew } from '../../threads/crew.ts';
import type { CompiledMap } from './compile-map.ts';
import { type CsvEnd, type CsvMade, csvBlocks, madeBlocks } from './csv-blocks.ts';
import type { Logger } from './log.ts';
import { type MappedBlock, mapContext } from './map-block.ts';
import type { MappedArchives } from './mapped-archives.ts';
import { mappedBlocks } from './mapped-blocks.ts';

/** How often a rule matched. */
export interface PatternUse {
  readonly rule: Rule;
  readonly matches: number;
}

/** What the rows of a cache came to, besides the archives. */
export interface MappedCache {
  /** The rules of every directory of which a file was looked at, in the order of the first file. */
  readonly used: readonly PatternUse[];
  readonly unmapped: number;
  readonly several: number;
  readonly leftOut: number;
  readonly end: CsvEnd;
}

export interface MapCacheOptions {
  readonly hpsspy: Logger;
  readonly ours: Logger;
  readonly report: number;
  readonly archives: MappedArchives;
  /** The threads that looked at the disks. */
  readonly scanners?: Crew | undefined;
}

/** Maps a cache, as it lies on disk or was just made, block by block, and tells what HPSSPy tells, in the order of the rows. */
export async function mapCache(
  section: CompiledMap,
  held: ReadonlyMap<string, number | bigint>,
  cache: string | CsvMade,
  { hpsspy, ours, report, archives, scanners }: MapCacheOptions,
): Promise<MappedCache> {
  const detail = hpsspy.wants('DEBUG') ? 'DEBUG' : hpsspy.wants('INFO') ? 'INFO' : 'WARNING';
  const context = mapContext({ section, held, detail });
  const books = openBooks(section, { hpsspy, ours, report, archives });
  const mapped = mappedBlocks(blocksOf(cache), context, bytesOf(cache), scanners);
  for (let next = await mapped.next(); ; next = await mapped.next()) {
    if (next.done) return { ...books.close(), end: next.value };
    books.add(next.value);
  }
}

function blocksOf(cache: string | CsvMade): ReturnType<typeof csvBlocks> {
  return typeof cache === 'string' ? csvBlocks(cache) : madeBlocks(cache);
}

function bytesOf(cache: string | CsvMade): number {
  // Who may not look at it is told by whoever reads it.
  return typeof cache === 'string' ? (statSync(fsPath(cache), { throwIfNoEntry: false })?.size ?? 0) : cache.end.bytes;
}

function openBooks(section: CompiledMap, { hpsspy, ours, report, archives }: MapCacheOptions) {
  const used = new Map<string, number[]>();
  const saidOnce = new Set<string>();
  const count = { unmapped: 0, several: 0, leftOut: 0 };
  let rows = 0;
  let reported = 0;
  const reportUpTo = (row: number) => {
    while (reported + report <= row) {
      reported += report;
      hpsspy.info(`${String(reported).padStart(9)} files scanned.`);
    }
  };
  return {
    add(block: MappedBlock) {
      for (const { row, level, text, logger, once } of block.messages) {
        reportUpTo(rows + row);
        if (once && saidOnce.has(text)) continue;
        if (once) saidOnce.add(text);
        (logger === undefined ? hpsspy : ours).say(level, text);
      }
      rows += block.rows;
      reportUpTo(rows);
      for (const [directory, counts] of block.used) {
        const known = used.get(directory);
        if (known === undefined) used.set(directory, [...counts]);
        else for (const [index, matches] of counts.entries()) known[index]! += matches;
      }
      count.unmapped += block.unmapped;
      count.several += block.several;
      count.leftOut += block.leftOut;
      archives.add(block);
    },
    close(): Omit<MappedCache, 'end'> {
      const all = [...used].flatMap(([directory, counts]) =>
        (section.directories.get(directory) ?? []).map((rule, index) => ({ rule, matches: counts[index] ?? 0 })),
      );
      return { ...count, used: all };
    },
  };
}
