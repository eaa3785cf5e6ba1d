import type { Section } from '../../rules/section.ts';
import { ruleNumbers } from '../../rules/section-data.ts';
import { entriesOf } from '../../shards/listing-row.ts';
import { type StoredListing, shardLines } from '../../shards/stored-listing.ts';
import { findingsInMemory } from './finding-source.ts';
import { grouping } from './grouping.ts';
import { planPartition } from './plan-partition.ts';
import { type PlannedArchive, plannedFacts, readHeld } from './planned-archive.ts';
import { type SortContext, sortLines } from './sort-lines.ts';
import type { EmptyPlace, SortedSection } from './sorted-section.ts';

/** A section of so few lines that they are sorted and planned here, at once. */
export function sortedInMemory(listing: StoredListing, section: Section, context: SortContext): SortedSection {
  const group = grouping(listing.roots);
  const numbers = ruleNumbers(section);
  const blind: string[] = [];
  const empty: EmptyPlace[] = [];
  for (const shard of listing.shards) {
    sortLines(shardLines(listing, shard), context, {
      mapped(archive, rule, _, line) {
        group.mapped(archive, numbers.get(rule)!, line);
      },
      other: group.other,
      blind: (path) => void blind.push(path),
      empty: (path, disk) => void empty.push({ path, disk }),
    });
  }
  const grouped = group.result();
  return {
    inMemory: true,
    blind,
    empty,
    entriesOf: (archive) => entriesOf(grouped.archives.get(archive)?.lines ?? [], listing.roots),
    async plan(known, where) {
      const archives: PlannedArchive[] = [];
      const { counts, findings } = await planPartition(grouped, known, where, (taken) => {
        const { lines, plan, manifest } = taken;
        const load = async () => ({ lines, carried: plan.carried, ...(await readHeld(where.section, manifest)) });
        archives.push({ ...plannedFacts(plan, lines.length, taken.root, taken.packing), load });
      });
      return { archives, counts, findings: findingsInMemory(findings) };
    },
  };
}
