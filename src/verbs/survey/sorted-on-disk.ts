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
import type { ManifestPlace } from './manifest-place.ts';
import { partitionOfArchive } from './partition-of.ts';
import type { PlanInput, PlannedOnDisk, PlanOutput } from './plan-task.ts';
import { type PlannedArchive, readHeld } from './planned-archive.ts';
import type { EmptyPlace, SortedSection } from './sorted-section.ts';
import type { SpreadInput, SpreadOutput } from './spread-task.ts';
import { blockLines, carriedPaths, type WorkBlock } from './work-blocks.ts';

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
    inMemory: false,
    blind: blind.sort(),
    empty: empty.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    entriesOf: (archive) => strange.get(archive) ?? [],
    async plan(known, context) {
      const byPartition = partitioned(known, partitions);
      const archives: PlannedArchive[] = [];
      const findings = await Promise.all(
        byPartition.map(async (some, partition) => {
          const { giantLines } = options;
          const input: PlanInput = { folder, partition, writers: [...writers], known: some, context, giantLines };
          const done = await crew.run<PlanOutput>(workerUrl('plan-task'), input);
          counter.add(done.counts);
          const names = new Map(some.map((one) => [one.name, one]));
          for (const one of done.archives) archives.push(loadable(one, names.get(one.name) ?? one, context.section));
          return done.findings;
        }),
      );
      return { archives, counts: counter.counts(), findings: findingsOnDisk(findings) };
    },
  };
}

function partitioned(known: readonly KnownArchive[], partitions: number): readonly (readonly KnownArchive[])[] {
  const parts: KnownArchive[][] = Array.from({ length: partitions }, () => []);
  for (const one of known) parts[partitionOfArchive(one.name, partitions)]!.push(one);
  return parts;
}

/**
 * A plan that came from a thread, with all that comes with it. Of hundreds of thousands that are to be kept only little may be held: texts that are
 * known here already stand for their copies, and fields are set one by one, because V8 makes a class of its own for each object that is spread.
 */
function loadable(planned: PlannedOnDisk, known: KnownText, section: string): PlannedArchive {
  const { block, manifest, replaces, root, packing } = planned;
  const facts: { -readonly [Field in keyof PlannedArchive]: PlannedArchive[Field] } = {
    key: known.key,
    name: known.name,
    format: planned.format === 'tar' ? 'tar' : 'plain',
    decision: planned.decision === 'keep' ? 'keep' : planned.decision,
    reasons: planned.reasons.length === 0 ? noReasons : planned.reasons,
    bytes: planned.bytes,
    members: planned.members,
    carried: planned.carried,
    load: block === undefined ? loadNothing : () => loadBlock(block, manifest, section),
  };
  if (replaces !== undefined) facts.replaces = replaces === known.held?.version ? known.held.version : replaces;
  if (root !== undefined) facts.root = root;
  if (packing !== undefined) facts.packing = packing;
  return facts;
}

type KnownText = Pick<KnownArchive, 'key' | 'name'> & { readonly held?: { readonly version: string } };

const noReasons: PlannedArchive['reasons'] = [];

const loadNothing: PlannedArchive['load'] = async () => ({ lines: [], carried: [] });

async function loadBlock(
  block: WorkBlock,
  manifest: ManifestPlace | undefined,
  section: string,
): ReturnType<PlannedArchive['load']> {
  const { held } = await readHeld(section, manifest);
  const wanted = new Set(carriedPaths(block));
  const carried = held?.members.filter((member) => wanted.has(member.path)) ?? [];
  return { lines: blockLines(block), carried, ...(held === undefined ? {} : { held }) };
}
