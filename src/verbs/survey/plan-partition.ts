import { lstatSync } from 'node:fs';
import { manifestReader } from '../../catalog/manifest-reader.ts';
import { fsPath } from '../../model/byte-name.ts';
import type { Manifest } from '../../model/manifest.ts';
import { commonDirectory, isWithin, joinPath } from '../../model/relative-path.ts';
import { type StoreKey, storeKey } from '../../model/store-key.ts';
import type { ArchiveRow, Held } from '../../plan/archive-row.ts';
import { rootOf } from '../../plan/empty-directories.ts';
import type { Finding } from '../../plan/finding.ts';
import { type ArchivePlan, type Policy, planArchive, planUnchanged } from '../../plan/plan-archive.ts';
import { entriesOf, pathOfLine } from '../../shards/listing-row.ts';
import { signatureOfLines } from '../../shards/signature.ts';
import type { FateCounts } from './fate-counts.ts';
import type { Grouped, MappedArchive } from './grouping.ts';
import type { HeldObject } from './held-objects.ts';
import type { ManifestPlace } from './manifest-place.ts';
import { unreadableEntries } from './unreadable-entries.ts';

/** An archive of which more is known than what the rules map to it. Plain data. */
export interface KnownArchive {
  readonly key: StoreKey;
  readonly name: string;
  readonly held?: HeldObject;
  /** What the catalog knows and the store no longer has. */
  readonly lost?: { readonly manifest: ManifestPlace; readonly recordedAt: string };
}

/** A place that could not be looked at, and the rules that could send something from there to an archive. Plain data. */
export interface BlindPlace {
  readonly directory: string;
  /** By their number in the section. */
  readonly rules: readonly number[];
}

export interface PartitionContext {
  readonly section: string;
  /** What the keys of the section begin with. */
  readonly prefix: string;
  readonly roots: readonly string[];
  readonly blind: readonly BlindPlace[];
  readonly policy: Policy;
  /** True if there are empty directories, which go with the archive whose root encloses them. */
  readonly wantsRoots: boolean;
}

/** What a partition comes to, besides its plans. */
export interface PartitionResult {
  readonly counts: FateCounts;
  /** Of entries by path, then of archives by name. */
  readonly findings: readonly Finding[];
}

/** Takes a plan with all that grows with its members; what is not kept of it can go. `manifest` says where its `held` can be read again. */
export type TakePlan = (plan: ArchivePlan, root: string | undefined, manifest: ManifestPlace | undefined) => void;

const nothing: MappedArchive = { lines: [], rules: new Set() };

/** Plans every archive of a partition, one at a time, in no order: what is on disk, in the store, and in the record, joined. */
export async function planPartition(
  grouped: Grouped,
  known: readonly KnownArchive[],
  context: PartitionContext,
  take: TakePlan,
): Promise<PartitionResult> {
  const told: { readonly name: string; readonly findings: readonly Finding[] }[] = [];
  const names = new Set<string>();
  const takeOne = (planned: ArchivePlan, root: string | undefined, one: KnownArchive, findings: readonly Finding[]) => {
    names.add(one.name);
    take(planned, root, one.held?.manifest);
    if (findings.length > 0) told.push({ name: one.name, findings });
  };
  const plan = (one: KnownArchive, manifest: Manifest | undefined) => {
    const mapped = grouped.archives.get(one.name) ?? nothing;
    const { row, unreadable } = rowOf(one, mapped, manifest, context);
    const planned = planArchive(row, context.policy);
    const findings = [...unreadable, ...planned.findings.map((finding) => stillOnDisk(finding, context.roots))];
    takeOne(planned, context.wantsRoots ? rootOf(planned) : undefined, one, findings);
  };
  const asked: KnownArchive[] = [];
  for (const one of known) {
    const lines = grouped.archives.get(one.name)?.lines ?? [];
    if (!isUnchanged(one.held, lines)) {
      asked.push(one);
      continue;
    }
    const planned = planUnchanged({ key: one.key, name: one.name, held: one.held });
    const root = context.wantsRoots && planned.format === 'tar' ? commonDirectory(lines.map(pathOfLine)) : undefined;
    takeOne(planned, root, one, planned.findings);
  }
  for await (const [one, manifest] of withManifests(asked, context.section)) plan(one, manifest);
  for (const name of grouped.archives.keys())
    if (!names.has(name)) plan({ key: storeKey(context.prefix + name), name }, undefined);
  told.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { counts: grouped.counts, findings: [...grouped.findings, ...told.flatMap((one) => one.findings)] };
}

/** True if the listing says of all members what it said when they were archived: then nothing more need be read. */
function isUnchanged(held: HeldObject | undefined, lines: readonly string[]): held is HeldObject {
  const signature = held?.manifest?.head.signature;
  if (held === undefined || signature === undefined || lines.length === 0) return false;
  if (held.damage !== undefined || held.replacedByOthers) return false;
  return held.manifest?.head.contentMembers === lines.length && signatureOfLines(lines) === signature;
}

/** Each archive with its manifest, read in the order of the journals: one of them in memory at a time. */
async function* withManifests(
  known: readonly KnownArchive[],
  section: string,
): AsyncGenerator<readonly [KnownArchive, Manifest | undefined]> {
  const byState = new Map<string, { readonly one: KnownArchive; readonly place: ManifestPlace }[]>();
  for (const one of known) {
    const place = one.held === undefined ? one.lost?.manifest : one.held.manifest;
    if (place === undefined) {
      yield [one, undefined];
      continue;
    }
    const all = byState.get(place.state.path) ?? [];
    if (all.length === 0) byState.set(place.state.path, all);
    all.push({ one, place });
  }
  for (const all of byState.values()) {
    const reader = manifestReader(all[0]!.place.state, section);
    const asked = all.map(({ one, place }) => ({ one, head: place.head }));
    for await (const [{ one }, manifest] of reader.manifests(asked)) yield [one, manifest];
  }
}

function rowOf(
  one: KnownArchive,
  mapped: MappedArchive,
  manifest: Manifest | undefined,
  { blind, roots }: PartitionContext,
): { readonly row: ArchiveRow; readonly unreadable: readonly Finding[] } {
  const { key, name, held, lost } = one;
  const entries = entriesOf(mapped.lines, roots);
  const reasons = unreadableEntries(entries, held === undefined ? undefined : manifest);
  const row: ArchiveRow = {
    key,
    name,
    entries: reasons.size === 0 ? entries : entries.filter((entry) => !reasons.has(entry.path)),
    ...(held === undefined ? {} : { held: heldWith(held, manifest) }),
    ...(held === undefined && lost !== undefined && manifest !== undefined
      ? { lost: { manifest, recordedAt: lost.recordedAt } }
      : {}),
    unreadable: new Set(reasons.keys()),
    blind: blind.filter((place) => couldBelong(place, mapped.rules, manifest)).map((place) => place.directory),
  };
  const unreadable = [...reasons].map(
    ([path, reason]): Finding => ({ kind: 'refused', path, why: { kind: 'unreadable', reason } }),
  );
  return { row, unreadable };
}

function heldWith({ manifest: _, ...facts }: HeldObject, manifest: Manifest | undefined): Held {
  return manifest === undefined ? facts : { ...facts, manifest };
}

function couldBelong(place: BlindPlace, rules: ReadonlySet<number>, manifest: Manifest | undefined): boolean {
  for (const rule of place.rules) if (rules.has(rule)) return true;
  return manifest?.members.some((member) => isWithin(member.path, place.directory)) ?? false;
}

/** A member that is still there, and that another archive takes now, or none, is not gone. */
function stillOnDisk(finding: Finding, roots: readonly string[]): Finding {
  if (finding.kind !== 'gone') return finding;
  const { archive, path } = finding;
  const isThere = roots.some((root) => {
    try {
      const found = lstatSync(fsPath(joinPath(root, path)), { throwIfNoEntry: false });
      return found !== undefined && !found.isDirectory();
    } catch {
      // What cannot be looked at has been told as such by the scan; of the member nothing better is known than that it is gone.
      return false;
    }
  });
  return isThere ? { kind: 'remapped', archive, path } : finding;
}
