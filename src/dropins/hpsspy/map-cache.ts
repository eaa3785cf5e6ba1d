import { workerUrl } from '../../model/worker-url.ts';
import type { Rule } from '../../rules/section.ts';
import { sectionData } from '../../rules/section-data.ts';
import type { Crew } from '../../threads/crew.ts';
import { boundedFates } from '../../verbs/survey/bounded-fates.ts';
import type { CompiledMap } from './compile-map.ts';
import { type CsvBlock, type CsvEnd, csvBlocks } from './csv-blocks.ts';
import type { Logger } from './log.ts';
import { type MapContext, type MappedBlock, mapBlock } from './map-block.ts';
import type { MapOrder } from './map-task.ts';
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
  readonly crew: Crew | undefined;
  readonly archives: MappedArchives;
}

/** So many names of HPSS's go into a thread with each block; more are not copied about. */
const fewHeld = 50_000;

/** Maps a cache block by block, in threads if there are any, and tells what HPSSPy tells, in the order of the rows. */
export async function mapCache(
  section: CompiledMap,
  held: ReadonlyMap<string, number | bigint>,
  cache: string,
  { hpsspy, ours, report, crew, archives }: MapCacheOptions,
): Promise<MappedCache> {
  const detail = hpsspy.wants('DEBUG') ? 'DEBUG' : hpsspy.wants('INFO') ? 'INFO' : 'WARNING';
  const context: MapContext = { section, fates: boundedFates(section), held, detail };
  const books = openBooks(section, { hpsspy, ours, report, archives });
  // Three messages for each row: nothing is gained by moving those from thread to thread.
  const threads = detail === 'DEBUG' || held.size > fewHeld ? undefined : crew;
  const data = sectionData(section);
  const run = (block: CsvBlock): Promise<MappedBlock> | MappedBlock => {
    if (threads === undefined) return mapBlock(block, context);
    const order: MapOrder = { block, section: data, held, detail };
    return threads.run<MappedBlock>(workerUrl('map-task'), order, [block.bytes.buffer as ArrayBuffer]);
  };
  const underWay: (Promise<MappedBlock> | MappedBlock)[] = [];
  const blocks = csvBlocks(cache);
  try {
    for (;;) {
      const next = blocks.next();
      if (next.done) {
        for (const one of underWay) books.add(await one);
        return { ...books.close(), end: next.value };
      }
      const mapped = run(next.value);
      // Whoever waits for it hears of its failure.
      if (mapped instanceof Promise) mapped.catch(() => undefined);
      underWay.push(mapped);
      if (underWay.length > (threads === undefined ? 0 : threads.size * 2)) books.add(await underWay.shift()!);
    }
  } finally {
    blocks.return(undefined as never);
  }
}

function openBooks(section: CompiledMap, { hpsspy, ours, report, archives }: Omit<MapCacheOptions, 'crew'>) {
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
