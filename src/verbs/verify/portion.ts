import { createHash } from 'node:crypto';
import type { ArchiveRecord } from '../../catalog/archive-record.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { nameToBytes } from '../../model/byte-name.ts';
import { type EvidenceLevel, reaches } from '../../model/evidence.ts';
import type { StoreKey } from '../../model/store-key.ts';

/** One archive that could be verified. */
export interface Candidate {
  readonly catalog: Catalog;
  readonly key: StoreKey;
  readonly record: ArchiveRecord;
}

/** How large a sample is: a share above 0 and up to 1, or a number of archives. */
export type SampleSize = { readonly share: number } | { readonly archives: number };

/** Which archives are to be verified now, and in which order. */
export interface PortionWish {
  readonly level: EvidenceLevel;
  /** Drawn before `since` is asked: that an archive was checked not long ago makes it no better a sample. */
  readonly sample?: { readonly size: SampleSize; readonly seed: string };
  /** Leave out what was found intact at `level` at this time (ISO 8601, UTC) or later. */
  readonly since?: string;
  /** Begin with what was not looked at for the longest time, so that a run that stops early is gone on with by the next. */
  readonly oldestFirst: boolean;
  /** ISO 8601, UTC. */
  readonly now: string;
}

export interface Portion {
  readonly due: readonly Candidate[];
  /** How many need no look, as they were found intact since `since`. */
  readonly recent: number;
}

/** The part of the archives that is to be verified now. The same wish over the same archives gives the same part. */
export function portionOf(all: readonly Candidate[], wish: PortionWish): Portion {
  const chosen = wish.sample === undefined ? all : drawn(all, wish.sample.size, wish.sample.seed);
  const { since } = wish;
  const due = since === undefined ? chosen : chosen.filter(({ record }) => !isIntactSince(record, since, wish));
  return { due: wish.oldestFirst ? oldestFirst(due, wish.level) : due, recent: chosen.length - due.length };
}

/** How many archives a sample of that size has; at least one if there is any. */
export function sampleCount(size: SampleSize, of: number): number {
  if ('archives' in size) return Math.min(of, size.archives);
  // 5% of 2,000 is not to become 101 because 0.05 is a little more than a twentieth.
  return Math.min(of, Math.max(1, Math.ceil(size.share * of - 1e-6)));
}

/** Each archive has its lot by its name and the seed: whatever else is recorded meanwhile, the lots stay. */
function drawn(all: readonly Candidate[], size: SampleSize, seed: string): readonly Candidate[] {
  const lots = all.map((candidate, place) => ({ candidate, place, lot: lotOf(candidate.key, seed) }));
  lots.sort((a, b) => Buffer.compare(a.lot, b.lot));
  const taken = lots.slice(0, sampleCount(size, all.length));
  return taken.sort((a, b) => a.place - b.place).map(({ candidate }) => candidate);
}

function lotOf(key: StoreKey, seed: string): Buffer {
  return createHash('sha256').update(`${seed}\0`).update(nameToBytes(key)).digest();
}

function oldestFirst(candidates: readonly Candidate[], level: EvidenceLevel): readonly Candidate[] {
  const looked = candidates.map((candidate) => ({ candidate, at: lastLook(candidate.record, level) ?? '' }));
  return looked.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ candidate }) => candidate);
}

/** When somebody last looked at it as closely as that, whatever was found. */
function lastLook({ evidence, damage }: ArchiveRecord, level: EvidenceLevel): string | undefined {
  const looks = damage === undefined ? evidence : [...evidence, damage];
  return latest(looks.filter((look) => reaches(look.level, level)).map(({ at }) => at));
}

/** What is marked as damaged is not intact, whenever it was looked at. */
function isIntactSince({ evidence, damage }: ArchiveRecord, since: string, { level, now }: PortionWish): boolean {
  if (damage !== undefined) return false;
  // A check of tomorrow is one by a wrong clock. It must not stand for the years until it is past.
  const believed = new Date(Date.parse(now) + dayInMilliseconds).toISOString();
  const at = latest(evidence.filter((one) => reaches(one.level, level) && one.at <= believed).map((one) => one.at));
  return at !== undefined && at >= since;
}

const dayInMilliseconds = 86_400_000;

function latest(times: readonly string[]): string | undefined {
  return times.reduce<string | undefined>((best, at) => (best === undefined || at > best ? at : best), undefined);
}
