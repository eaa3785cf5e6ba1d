import type { Rule } from '../../rules/section.ts';
import { boundedFates } from '../../verbs/survey/bounded-fates.ts';
import type { CompiledMap } from './compile-map.ts';
import { type CsvEnd, csvBlocks } from './csv-blocks.ts';
import type { Logger } from './log.ts';
import { type MapContext, type MappedBlock, mapBlock } from './map-block.ts';
import type { MappedArchives } from './mapped-archives.ts';

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
}

/**
 * Maps a cache block by block, and tells what HPSSPy tells, in the order of the rows. Not in threads: with 2,000,000 rows two of them took half as
 * much processor time again, a hundred MiB more, and on a busy machine longer.
 */
export function mapCache(
  section: CompiledMap,
  held: ReadonlyMap<string, number | bigint>,
  cache: string,
  { hpsspy, ours, report, archives }: MapCacheOptions,
): MappedCache {
  const detail = hpsspy.wants('DEBUG') ? 'DEBUG' : hpsspy.wants('INFO') ? 'INFO' : 'WARNING';
  const context: MapContext = { section, fates: boundedFates(section), held, detail };
  const books = openBooks(section, { hpsspy, ours, report, archives });
  const blocks = csvBlocks(cache);
  for (let next = blocks.next(); ; next = blocks.next()) {
    if (next.done) return { ...books.close(), end: next.value };
    books.add(mapBlock(next.value, context));
  }
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
