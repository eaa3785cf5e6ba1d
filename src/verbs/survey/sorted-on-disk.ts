import type { Entry } from '../../model/entry.ts';
import { workerUrl } from '../../model/worker-url.ts';
import type { Section } from '../../rules/section.ts';
import { sectionData } from '../../rules/section-data.ts';
import { entriesOf } from '../../shards/listing-row.ts';
import type { StoredListing } from '../../shards/stored-listing.ts';
import type { Crew } from '../../threads/crew.ts';
import { fateCounter } from './fate-counts.ts';
import { findingsOnDisk } from './finding-source.ts';
import type { KnownArchive } from './known-archive.ts';
import { partitionOfArchive } from './partition-of.ts';
import type { PlanInput, PlannedOnDisk, PlanOutput } from './plan-task.ts';
import { type PlannedArchive, readHeld } from './planned-archive.ts';
import type { EmptyPlace, SortedSection } from './sorted-section.ts';
import type { SpreadInput, SpreadOutput } from './spread-task.ts';
import { blockLines, carriedPaths } from './work-blocks.ts';

export interface OnDiskOptions {
  readonly crew: Crew;
  /** A work folder. */
  readonly folder: string;
  readonly partitions: number;
  readonly nested: readonly string[];
  /** An archive of so many lines, or more, is not held in memory. */
  readonly giantLines: number;
  /** Names of archives that the store has and nothing explains. */
  readonly strange: ReadonlySet<string>;
  /** Told now and then how many lines are done. */
  readonly progress?: (lines: number) => void;
}

/** A section of many lines: threads sort them into partitions, each of which fits in memory, and plan these one by one. */
export async function sortedOnDisk(
  listing: StoredListing,
  section: Section,
  options: OnDiskOptions,
): Promise<SortedSection> {
  const { crew, folder, partitions, nested } = options;
  const blind: string[] = [];
  const empty: EmptyPlace[] = [];
  const writers = new Set<number>();
  const counter = fateCounter();
  const strange = new Map<string, Entry[]>();
  const data = sectionData(section);
  let lines = 0;
  const takeIn = (found: SpreadOutput) => {
    writers.add(found.writer);
    counter.add(found.counts);
    for (const one of found.blind) blind.push(one);
    for (const one of found.empty) empty.push(one);
    for (const [archive, own] of found.strange) {
      strange.set(archive, [...(strange.get(archive) ?? []), ...entriesOf(own, listing.roots)]);
    }
  };
  await Promise.all(
    listing.shards.map(async (shard) => {
      const input: SpreadInput = {
        section: data,
        nested,
        listing,
        shard,
        folder,
        partitions,
        strange: options.strange,
      };
      takeIn(await crew.run<SpreadOutput>(workerUrl('spread-task'), input));
      lines += shard.rows;
      options.progress?.(lines);
    }),
  );
  return {
    blind: blind.sort(),
    empty: empty.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    entriesOf: (archive) => strange.get(archive) ?? [],
    async plan(known, context) {
      const byPartition = partitioned(known, partitions);
      const done = await Promise.all(
        byPartition.map(async (some, partition) => {
          const { giantLines } = options;
          const input: PlanInput = { folder, partition, writers: [...writers], known: some, context, giantLines };
          return crew.run<PlanOutput>(workerUrl('plan-task'), input);
        }),
      );
      for (const one of done) counter.add(one.counts);
      return {
        archives: done.flatMap((one) => one.archives.map((planned) => loadable(planned, context.section))),
        counts: counter.counts(),
        findings: findingsOnDisk(done.map((one) => one.findings)),
      };
    },
  };
}

function partitioned(known: readonly KnownArchive[], partitions: number): readonly (readonly KnownArchive[])[] {
  const parts: KnownArchive[][] = Array.from({ length: partitions }, () => []);
  for (const one of known) parts[partitionOfArchive(one.name, partitions)]!.push(one);
  return parts;
}

function loadable({ block, manifest, ...facts }: PlannedOnDisk, section: string): PlannedArchive {
  return {
    ...facts,
    async load() {
      if (block === undefined) return { lines: [], carried: [] };
      const { held } = await readHeld(section, manifest);
      const wanted = new Set(carriedPaths(block));
      const carried = held?.members.filter((member) => wanted.has(member.path)) ?? [];
      return { lines: blockLines(block), carried, ...(held === undefined ? {} : { held }) };
    },
  };
}
