import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { leanHeaps } from '../../lean-heaps.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Finding, Severity } from '../../plan/finding.ts';
import { nameConflicts } from '../../plan/name-conflicts.ts';
import type { Policy } from '../../plan/plan-archive.ts';
import { ruleSet } from '../../rules/rule-set.ts';
import type { Section } from '../../rules/section.ts';
import { ruleNumbers } from '../../rules/section-data.ts';
import type { CompleteListing } from '../../shards/listing-file.ts';
import { type StoredListing, seenSince } from '../../shards/stored-listing.ts';
import type { Crew } from '../../threads/crew.ts';
import type { ListingOptions } from '../listing/listing-options.ts';
import { scanCrew } from '../listing/scan-crew.ts';
import { sectionRoots } from '../listing/section-roots.ts';
import { takeListing } from '../listing/take-listing.ts';
import { identityOf, keyPrefix, type Project, sectionOf, signalOf } from '../project.ts';
import { archivesOf, boundedFates } from './bounded-fates.ts';
import { emptyDirectories } from './empty-directories.ts';
import type { FateCounts } from './fate-counts.ts';
import { type FindingSource, findingsInMemory } from './finding-source.ts';
import { type HeldObjects, heldObjects, type ListedObjects, listObjects } from './held-objects.ts';
import type { KnownArchive } from './known-archive.ts';
import { nameOwner, nestedNames } from './name-owner.ts';
import type { BlindPlace } from './plan-partition.ts';
import type { PlannedArchive } from './planned-archive.ts';
import { sortedInMemory } from './sorted-in-memory.ts';
import { sortedOnDisk } from './sorted-on-disk.ts';
import type { PlannedSection, SortedSection } from './sorted-section.ts';
import { unknownRuns } from './unknown-runs.ts';
import { type WorkPlace, workPlace } from './work-place.ts';

/** What is on disk, in the store and in the record of one section, joined; and what follows from it. */
export interface Survey {
  readonly section: string;
  /** The section's roots on the disks. */
  readonly roots: readonly string[];
  /** Since when what the listing says may have changed: milliseconds since 1970 UTC. */
  readonly scannedAt: number;
  /** The listing that it goes by; `chosen` if that was not made for it. */
  readonly listing: CompleteListing & { readonly chosen: boolean };
  readonly catalog: Catalog;
  readonly counts: FateCounts;
  /** True if it was planned here, without the crew. */
  readonly inMemory: boolean;
  /** Every archive, sorted by key. */
  readonly archives: readonly PlannedArchive[];
  /** Empty directories that go with an archive that is made now, by its key. */
  readonly emptyDirectories: ReadonlyMap<StoreKey, readonly string[]>;
  readonly adopted: HeldObjects['adopted'];
  /** Runs that the store has a record of and the state folder has not. */
  readonly unknownRuns: readonly string[];
  /** Everything that must be told, the worst first. */
  findings(): Iterable<Told>;
  /** Removes what was put on disk for it: after this nothing of it can be loaded or told. Idempotent. */
  close(): Promise<void>;
}

/** A finding with its weight. */
export interface Told {
  readonly finding: Finding;
  readonly severity: Severity;
}

export interface SurveyOptions extends ListingOptions {
  readonly catalog?: Catalog;
  /** How many lines of a listing are sorted and planned at once, in memory. */
  readonly partitionLines?: number;
}

/** Some 50 MB in each thread. */
const partitionLines = 100_000;

/** Looks at disk, store and record of a section and plans. Changes nothing. Throws if the store or the section cannot be looked at. */
export async function survey(
  project: Project,
  name: string,
  policy: Policy,
  options: SurveyOptions = {},
): Promise<Survey> {
  const work = workPlace(project);
  const hands = options.crew ?? scanCrew(options);
  const abort = () => void hands.close();
  let usualHeaps: () => void = () => undefined;
  const large = () => {
    usualHeaps = leanHeaps();
  };
  options.signal?.addEventListener('abort', abort);
  try {
    return await surveyWith(project, name, policy, { ...options, work, crew: hands, large });
  } catch (error) {
    await work.close();
    throw error;
  } finally {
    usualHeaps();
    options.signal?.removeEventListener('abort', abort);
    if (options.crew === undefined) await hands.close();
  }
}

interface Tools extends SurveyOptions {
  readonly work: WorkPlace;
  readonly crew: Crew;
  /** Called once it is seen that the section does not fit in memory. */
  readonly large: () => void;
}

async function surveyWith(project: Project, name: string, policy: Policy, tools: Tools): Promise<Survey> {
  const section = sectionOf(project, name);
  const catalog = tools.catalog ?? (await openCatalog(project.state, name, identityOf(project)));
  const { listing, release } = await takeListing(project, name, await sectionRoots(project, name), tools);
  let objects: ListedObjects;
  let sorted: SortedSection;
  try {
    objects = await listObjects(project, catalog, signalOf(tools));
    sorted = await sort(project, section, listing, objects, tools);
  } finally {
    await release();
  }
  const bounded = boundedFates(section);
  const held = await heldObjects(project, catalog, objects, {
    ...signalOf(tools),
    entriesOf: sorted.entriesOf,
    archivesOf: (paths) => archivesOf(bounded, paths),
    work: tools.work,
  });
  const unknown = await unknownRuns(project, name, tools);
  const planned = await sorted.plan(knownArchives(project, catalog, held), {
    section: name,
    prefix: keyPrefix(name),
    roots: listing.roots,
    blind: blindPlaces(section, sorted.blind),
    policy,
    ...(project.store.pack === undefined ? {} : { packLimits: project.store.pack.limits }),
    wantsRoots: sorted.empty.length > 0,
  });
  const settled = withoutConflicts(planned);
  const empty = await emptyDirectories(name, sorted.empty, settled.archives, held, listing.roots);
  const own = findingsInMemory([
    ...held.findings,
    ...allGone(listing, sorted, held),
    ...(unknown.length === 0 ? [] : [{ kind: 'unknown-runs' as const, runs: unknown }]),
    ...settled.findings,
    ...empty.findings,
  ]);
  return {
    section: name,
    roots: listing.roots,
    scannedAt: seenSince(listing),
    listing: { ...listing, chosen: tools.listing !== undefined },
    catalog,
    counts: planned.counts,
    inMemory: sorted.inMemory,
    archives: settled.archives,
    emptyDirectories: empty.byArchive,
    adopted: held.adopted,
    unknownRuns: unknown,
    findings: () => worstFirst([planned.findings, own]),
    close: () => tools.work.close(),
  };
}

/** In memory what fits there; else in partitions on disk, by all threads. */
async function sort(
  project: Project,
  section: Section,
  listing: StoredListing,
  { strange }: ListedObjects,
  tools: Tools,
): Promise<SortedSection> {
  const nested = nestedNames(project, section.name);
  const lines = listing.shards.reduce((sum, shard) => sum + shard.rows, 0);
  const held = tools.partitionLines ?? partitionLines;
  const partitions = Math.ceil(lines / held);
  if (partitions <= 1) {
    const fates = boundedFates(section);
    return sortedInMemory(listing, section, { fates, disks: listing.roots, ownsName: nameOwner(nested) });
  }
  tools.large();
  const prefix = keyPrefix(section.name);
  return sortedOnDisk(listing, section, {
    crew: tools.crew,
    folder: await tools.work.folder(),
    partitions,
    nested,
    giantLines: held,
    strange: new Set(strange.map((object) => object.key.slice(prefix.length))),
  });
}

function knownArchives(project: Project, catalog: Catalog, { held }: HeldObjects): readonly KnownArchive[] {
  const prefix = keyPrefix(catalog.section);
  const known: KnownArchive[] = [];
  for (const [key, one] of held) known.push({ key, name: key.slice(prefix.length), held: one });
  for (const [key, { head, recordedAt }] of catalog.archives) {
    if (held.has(key)) continue;
    known.push({
      key,
      name: key.slice(prefix.length),
      lost: { manifest: { state: project.state, head }, recordedAt },
    });
  }
  return known;
}

/** The places of a listing that could not be looked at, each with the rules that could send something from there to an archive. */
function blindPlaces(section: Section, directories: readonly string[]): readonly BlindPlace[] {
  const rules = ruleSet(section);
  const numbers = ruleNumbers(section);
  return directories.map((directory) => ({
    directory,
    rules: rules.rulesThatCouldMatchBelow(directory).map((rule) => numbers.get(rule)!),
  }));
}

/** Two names of which one is a folder of the other cannot both be made: the one that is there stays, neither is overwritten. */
function withoutConflicts({ archives }: PlannedSection): {
  readonly archives: readonly PlannedArchive[];
  readonly findings: readonly Finding[];
} {
  const sorted = [...archives].sort((a, b) => (a.key < b.key ? -1 : 1));
  const conflicts = nameConflicts(sorted.map((one) => one.name));
  if (conflicts.size === 0) return { archives: sorted, findings: [] };
  const findings: Finding[] = [];
  const settled = sorted.map((one): PlannedArchive => {
    const other = conflicts.get(one.name);
    if (other === undefined || one.decision !== 'make') return one;
    findings.push({ kind: 'withheld', archive: one.key, why: { kind: 'name-conflict', with: other } });
    return { ...one, decision: 'withhold', reasons: [] };
  });
  return { archives: settled, findings };
}

/** A tree without anything in it is more often a disk that is not mounted than one that was emptied. */
function allGone({ shards }: StoredListing, { empty }: SortedSection, { held }: HeldObjects): readonly Finding[] {
  const lines = shards.reduce((sum, shard) => sum + shard.rows, 0);
  if (lines > empty.filter((one) => one.path === '').length) return [];
  let members = 0;
  for (const { manifest } of held.values()) members += manifest?.head.contentMembers ?? 0;
  return members === 0 ? [] : [{ kind: 'all-gone', members }];
}

function* worstFirst(sources: readonly FindingSource[]): Generator<Told> {
  for (const severity of ['blind', 'problem', 'notice'] as const) {
    for (const source of sources) for (const finding of source(severity)) yield { finding, severity };
  }
}
