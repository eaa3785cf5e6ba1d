import { lstatSync } from 'node:fs';
import { manifestReader } from '../../catalog/manifest-reader.ts';
import { fsPath } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import type { Manifest } from '../../model/manifest.ts';
import { commonDirectory, isWithin, joinPath } from '../../model/relative-path.ts';
import { storeKey } from '../../model/store-key.ts';
import type { ArchiveRow } from '../../plan/archive-row.ts';
import { rootOf } from '../../plan/empty-directories.ts';
import type { Finding } from '../../plan/finding.ts';
import { type ArchivePlan, type Policy, planArchive, planNew, planUnchanged } from '../../plan/plan-archive.ts';
import { splitRow } from '../../plan/split-row.ts';
import { entriesOf, pathOfLine, rowLine } from '../../shards/listing-row.ts';
import { signatureOfLines } from '../../shards/signature.ts';
import type { PackLimits } from '../../store/pack-limits.ts';
import type { FateCounts } from './fate-counts.ts';
import type { Grouped, MappedArchive } from './grouping.ts';
import type { HeldObject } from './held-objects.ts';
import {
  joined,
  type KnownArchive,
  type LoadedPart,
  loadedParts,
  manifestOf,
  placeOf,
  withParts,
} from './known-archive.ts';
import { contentBytesOfLines } from './line-bytes.ts';
import type { ManifestPlace } from './manifest-place.ts';
import { type Packing, packingOf } from './packing.ts';
import type { TakenPlan } from './planned-archive.ts';
import { unreadableEntries } from './unreadable-entries.ts';

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
  /** Of a store that packs. */
  readonly packLimits?: PackLimits;
  /** True if there are empty directories, which go with the archive whose root encloses them. */
  readonly wantsRoots: boolean;
}

/** What a partition comes to, besides its plans. */
export interface PartitionResult {
  readonly counts: FateCounts;
  /** Of entries by path, then of archives by name. */
  readonly findings: readonly Finding[];
}

/** Takes a plan; what is not kept of it can go. */
export type TakePlan = (taken: TakenPlan) => void;

const noReasons: ReadonlyMap<string, string> = new Map();
const nothing: MappedArchive = { lines: [], rules: new Set() };

/** A plan that was made before, by its name, with what must be told of it. */
export type Settled = Pick<ArchivePlan, 'name' | 'findings'>;

/** Plans every archive of a partition but those that are `settled`, one at a time, in no order: what is on disk, in the store, and in the record, joined. */
export async function planPartition(
  grouped: Grouped,
  known: readonly KnownArchive[],
  context: PartitionContext,
  takePlan: TakePlan,
  settled: readonly Settled[] = [],
): Promise<PartitionResult> {
  const take = (taken: Omit<TakenPlan, 'packing'>) =>
    takePlan({ ...taken, packing: packingIn(context, taken.plan, taken.lines) });
  const all: Settled[] = settled.filter((one) => one.findings.length > 0);
  const isSettled = new Set(settled.map((one) => one.name));
  const names = new Set<string>();
  const isRuleName = (name: string) => grouped.archives.has(name) || isSettled.has(name);
  const left = known.filter((one) => !isSettled.has(one.name));
  const { wholes, parts } = withParts(left, isRuleName);
  const disks = new Map(context.roots.map((root, index) => [root, index]));
  const places = new Map(known.map((one) => [one.name, one.held?.manifest]));
  const plan = (one: KnownArchive, manifest: Manifest | undefined, heldParts: readonly LoadedPart[] = []) => {
    const mapped = grouped.archives.get(one.name) ?? nothing;
    const { row, unreadable } = rowOf(one, mapped, manifest, heldParts, context);
    const findings = [...unreadable];
    names.add(one.name);
    const split = splitRow(row, heldParts, context.policy, isRuleName);
    for (const each of split.rows) {
      const planned = planArchive(each, context.policy);
      take({
        plan: planned,
        lines: linesFor(planned.entries, mapped.lines, disks),
        root: context.wantsRoots ? rootOf(planned) : undefined,
        manifest: places.get(each.name),
      });
      findings.push(...planned.findings);
    }
    findings.push(...split.findings);
    const told = findings.map((finding) => stillOnDisk(finding, context.roots));
    if (told.length > 0) all.push({ name: one.name, findings: told });
  };
  const wholesByName = new Map(wholes.map((one) => [one.name, one]));
  const asked: KnownArchive[] = [];
  for (const one of wholes) {
    const lines = grouped.archives.get(one.name)?.lines ?? [];
    if (parts.has(one.name)) continue;
    if (!isUnchanged(one.held, lines)) {
      asked.push(one);
      continue;
    }
    const planned = planUnchanged({ key: one.key, name: one.name, held: one.held });
    names.add(one.name);
    take({ plan: planned, lines: [], root: rootOfLines(lines, planned, context), manifest: one.held.manifest });
    if (planned.findings.length > 0) all.push({ name: one.name, findings: planned.findings });
  }
  for (const [name, own] of parts) {
    const one = wholesByName.get(name) ?? unknownArchive(name, context);
    plan(one, await manifestOf(one, context), await loadedParts(own, context));
  }
  for await (const [one, manifest] of withManifests(asked, context.section)) plan(one, manifest);
  for (const [name, { lines }] of grouped.archives) {
    if (names.has(name)) continue;
    const one = unknownArchive(name, context);
    const planned = planNew(one, contentBytesOfLines(lines), context.policy);
    if (planned === undefined) plan(one, undefined);
    else take({ plan: planned, lines, root: rootOfLines(lines, planned, context), manifest: undefined });
  }
  all.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { counts: grouped.counts, findings: [...grouped.findings, ...all.flatMap((one) => one.findings)] };
}

function rootOfLines(
  lines: readonly string[],
  { format }: Pick<ArchivePlan, 'format'>,
  { wantsRoots }: PartitionContext,
): string | undefined {
  return wantsRoots && format === 'tar' ? commonDirectory(lines.map(pathOfLine)) : undefined;
}

/** Who makes the tar of a plan, where the store could. */
export function packingIn(
  { roots, packLimits: limits }: PartitionContext,
  { name, format, decision, carried }: TakenPlan['plan'],
  lines: Iterable<string>,
): Packing | undefined {
  if (limits === undefined || format !== 'tar' || decision !== 'make') return undefined;
  return packingOf(name, lines, carried.length, { roots, limits });
}

/** The lines of some of the entries that were made of lines. */
function linesFor(
  entries: readonly Entry[],
  lines: readonly string[],
  disks: ReadonlyMap<string, number>,
): readonly string[] {
  if (entries.length === lines.length) return lines;
  return entries.map((entry) => rowLine(entry, disks.get(entry.disk)!).slice(0, -1));
}

function unknownArchive(name: string, { prefix }: PartitionContext): KnownArchive {
  return { key: storeKey(prefix + name), name };
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
    const place = placeOf(one);
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
  parts: readonly LoadedPart[],
  { blind, roots }: PartitionContext,
): { readonly row: ArchiveRow; readonly unreadable: readonly Finding[] } {
  const { key, name, held } = one;
  const entries = entriesOf(mapped.lines, roots);
  const recorded = [...(manifest === undefined ? [] : [manifest]), ...parts.flatMap((part) => part.manifest ?? [])];
  const reasons = held === undefined && parts.length === 0 ? noReasons : unreadableEntries(entries, recorded);
  const row: ArchiveRow = {
    key,
    name,
    entries: reasons.size === 0 ? entries : entries.filter((entry) => !reasons.has(entry.path)),
    ...joined(one, manifest),
    unreadable: new Set(reasons.keys()),
    blind: blind.filter((place) => couldBelong(place, mapped.rules, recorded)).map((place) => place.directory),
  };
  const unreadable = [...reasons].map(
    ([path, reason]): Finding => ({ kind: 'refused', path, why: { kind: 'unreadable', reason } }),
  );
  return { row, unreadable };
}

function couldBelong(place: BlindPlace, rules: ReadonlySet<number>, manifests: readonly Manifest[]): boolean {
  for (const rule of place.rules) if (rules.has(rule)) return true;
  return manifests.some(({ members }) => members.some((member) => isWithin(member.path, place.directory)));
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
