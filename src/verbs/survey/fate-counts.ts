import type { Fate } from '../../rules/fate.ts';

/** What can become of an entry. */
export type FateKind = Fate['kind'];

/** How many entries have which fate. */
export type FateCounts = {
  /** All of them. */
  readonly entries: number;
  /** Content of all of them. */
  readonly bytes: number;
  /** Content of those that the rules leave nowhere to go. */
  readonly unmappedBytes: number;
  readonly ambiguousBytes: number;
  readonly refusedBytes: number;
} & { readonly [kind in FateKind]: number };

/** Counts that go up. */
export interface FateCounter {
  count(kind: FateKind, bytes: number): void;
  add(other: FateCounts): void;
  counts(): FateCounts;
}

/** A counter at nothing. */
export function fateCounter(): FateCounter {
  const counts = {
    entries: 0,
    bytes: 0,
    archived: 0,
    excluded: 0,
    automated: 0,
    unmapped: 0,
    ambiguous: 0,
    refused: 0,
    unmappedBytes: 0,
    ambiguousBytes: 0,
    refusedBytes: 0,
  };
  return {
    count(kind, bytes) {
      counts.entries += 1;
      counts.bytes += bytes;
      counts[kind] += 1;
      if (kind === 'unmapped' || kind === 'ambiguous' || kind === 'refused') counts[`${kind}Bytes`] += bytes;
    },
    add(other) {
      for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += other[name];
    },
    counts: () => ({ ...counts }),
  };
}
