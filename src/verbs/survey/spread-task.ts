import { threadId } from 'node:worker_threads';
import type { Rule } from '../../rules/section.ts';
import { ruleNumbers, type SectionData, sectionFromData } from '../../rules/section-data.ts';
import { type ListingShard, type StoredListing, shardLines } from '../../shards/stored-listing.ts';
import type { Handed } from '../../threads/order.ts';
import { type BoundedFates, boundedFates } from './bounded-fates.ts';
import { type FateCounts, fateCounter } from './fate-counts.ts';
import { nameOwner } from './name-owner.ts';
import { partitionWriter } from './partition-lines.ts';
import { sortLines } from './sort-lines.ts';
import type { EmptyPlace } from './sorted-section.ts';

/** One shard of a listing, to be spread over the partitions. */
export interface SpreadInput {
  readonly section: SectionData;
  /** What the names of archives of nested sections begin with. */
  readonly nested: readonly string[];
  readonly listing: StoredListing;
  readonly shard: ListingShard;
  readonly folder: string;
  readonly partitions: number;
  /** Archives of which the store has an object that nothing explains. */
  readonly strange: ReadonlySet<string>;
}

export interface SpreadOutput {
  /** The number in the names of this thread's files. */
  readonly writer: number;
  /** What went into no file. */
  readonly counts: FateCounts;
  readonly blind: readonly string[];
  readonly empty: readonly EmptyPlace[];
  /** Lines that go to strange archives: the first two of each in this shard. */
  readonly strange: readonly (readonly [archive: string, lines: readonly string[]])[];
}

interface Rules {
  readonly data: string;
  readonly fates: BoundedFates;
  readonly numbers: ReadonlyMap<Rule, number>;
}

let known: Rules | undefined;

/** Gives each line of a shard its fate, and writes it to the partition of its archive or, if it goes to none, of its path. */
export default function spread(input: SpreadInput): Handed<SpreadOutput> {
  const { listing, shard, folder, partitions } = input;
  const { fates, numbers } = rulesFor(input.section);
  const writer = partitionWriter(folder, partitions, threadId);
  const severalDisks = listing.roots.length > 1;
  const counter = fateCounter();
  const blind: string[] = [];
  const empty: EmptyPlace[] = [];
  const strange = new Map<string, string[]>();
  const context = { fates, disks: listing.roots, ownsName: nameOwner(input.nested) };
  sortLines(shardLines(listing, shard), context, {
    mapped(archive, rule, _, line) {
      writer.mapped(archive, numbers.get(rule)!, line);
      if (input.strange.has(archive)) keepTwo(strange, archive, line);
    },
    other(path, counted, bytes, finding) {
      // With one disk there is nothing more to learn of an entry that goes nowhere and is as it should be.
      if (counted !== undefined && finding === undefined && !severalDisks) counter.count(counted, bytes);
      else writer.other(path, counted, bytes, finding);
    },
    blind: (path) => void blind.push(path),
    empty: (path, disk) => void empty.push({ path, disk }),
  });
  writer.end();
  const output = { writer: threadId, counts: counter.counts(), blind, empty, strange: [...strange] };
  return { output, transfer: [] };
}

function keepTwo(lines: Map<string, string[]>, archive: string, line: string): void {
  const known = lines.get(archive);
  if (known === undefined) lines.set(archive, [line]);
  else if (known.length < 2) known.push(line);
}

/** A thread gets many shards of one section: its patterns are compiled once. */
function rulesFor(section: SectionData): Rules {
  const data = JSON.stringify(section);
  if (known?.data !== data) {
    const compiled = sectionFromData(section);
    known = { data, fates: boundedFates(compiled), numbers: ruleNumbers(compiled) };
  }
  return known;
}
