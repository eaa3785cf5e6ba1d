import { statSync } from 'node:fs';
import { fsPath } from '../../model/byte-name.ts';
import type { Rule } from '../../rules/section.ts';
import { boundedFates } from '../../verbs/survey/bounded-fates.ts';
import type { CompiledMap } from './compile-map.ts';
import { type CsvEnd, csvBlocks } from './csv-blocks.ts';
import type { Logger } from './log.ts';
import type { MapContext, MappedBlock } from './map-block.ts';
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
}

/** Maps a cache block by block, and tells what HPSSPy tells, in the order of the rows. */
export async function mapCache(
  section: CompiledMap,
  held: ReadonlyMap<string, number | bigint>,
  cache: string,
  { hpsspy, ours, report, archives }: MapCacheOptions,
): Promise<MappedCache> {
  const detail = hpsspy.wants('DEBUG') ? 'DEBUG' : hpsspy.wants('INFO') ? 'INFO' : 'WARNING';
  const context: MapContext = { section, fates: boundedFates(section), held, detail };
  const books = openBooks(section, { hpsspy, ours, report, archives });
  // Who may not look at it is told by whoever reads it.
  const bytes = statSync(fsPath(cache), { throwIfNoEntry: false })?.size ?? 0;
  const mapped = mappedBlocks(csvBlocks(cache), context, bytes);
  for (let next = await mapped.next(); ; next = await mapped.next()) {
    if (next.done) return { ...books.close(), end: next.value };
    books.add(next.value);
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
