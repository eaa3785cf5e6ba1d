import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import type { Entry } from '../../model/entry.ts';
import { contentMembers } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { homesOfEmptyDirectories } from '../../plan/empty-directories.ts';
import { type Finding, type Severity, severityOf } from '../../plan/finding.ts';
import { nameConflicts } from '../../plan/name-conflicts.ts';
import { type ArchivePlan, type Policy, planArchive } from '../../plan/plan-archive.ts';
import { ruleSet } from '../../rules/rule-set.ts';
import type { Listing } from '../../shards/listing.ts';
import type { CompleteListing } from '../../shards/listing-file.ts';
import type { ListingOptions } from '../listing/listing-options.ts';
import { sectionRoots } from '../listing/section-roots.ts';
import { identityOf, keyPrefix, ownsKey, type Project, sectionOf, signalOf } from '../project.ts';
import { archiveRows, blindRules, unreadableFindings } from './archive-rows.ts';
import { archivesOf, boundedFates } from './bounded-fates.ts';
import { type FateCounts, mapListing } from './fates.ts';
import { type HeldObjects, heldObjects } from './held-objects.ts';
import { listSection } from './list-section.ts';
import { unknownRuns } from './unknown-runs.ts';

/** What is on disk, in the store and in the record of one section, joined; and what follows from it. */
export interface Survey {
  readonly section: string;
  /** The section's roots on the disks. */
  readonly roots: readonly string[];
  readonly listing: Listing;
  /** Since when what the listing says may have changed: milliseconds since 1970 UTC. */
  readonly scannedAt: number;
  /** What it goes by. */
  readonly stored: CompleteListing;
  readonly catalog: Catalog;
  readonly counts: FateCounts;
  /** Every archive, sorted by name. */
  readonly plans: readonly ArchivePlan[];
  /** Empty directories that go with an archive that is made now, by its key. */
  readonly emptyDirectories: ReadonlyMap<StoreKey, readonly string[]>;
  readonly adopted: HeldObjects['adopted'];
  /** Runs that the store has a record of and the state folder has not. */
  readonly unknownRuns: readonly string[];
  /** Everything that must be told, those of the plans included. */
  readonly findings: readonly Told[];
}

/** A finding with its weight. */
export interface Told {
  readonly finding: Finding;
  readonly severity: Severity;
}

/** Looks at disk, store and record of a section and plans. Changes nothing. Throws if the store or the section cannot be looked at. */
export async function survey(
  project: Project,
  name: string,
  policy: Policy,
  options: ListingOptions & { readonly catalog?: Catalog } = {},
): Promise<Survey> {
  const section = sectionOf(project, name);
  const catalog = options.catalog ?? (await openCatalog(project.state, name, identityOf(project)));
  const roots = await sectionRoots(project, name);
  const { listing, scannedAt, stored } = await listSection(project, name, roots, options);
  const rules = ruleSet(section);
  const bounded = boundedFates(section);
  const mapped = mapListing(listing, bounded, (archive) => ownsKey(project, name, keyPrefix(name) + archive));
  const objects = await heldObjects(project, catalog, {
    ...signalOf(options),
    archives: mapped.archives,
    archivesOf: (paths) => archivesOf(bounded, paths),
  });
  const unknown = await unknownRuns(project, name, options);
  const rows = await archiveRows(mapped, objects, catalog, blindRules(listing, rules));
  const plans = withoutConflicts(rows.map((row) => planArchive(row, policy)));
  const homes = homesOfEmptyDirectories(listing.emptyDirectories, plans);
  return {
    section: name,
    roots,
    listing,
    scannedAt,
    stored,
    catalog,
    counts: mapped.counts,
    plans,
    emptyDirectories: byArchive(homes),
    adopted: objects.adopted,
    unknownRuns: unknown,
    findings: [
      ...mapped.findings,
      ...objects.findings,
      ...rows.flatMap(unreadableFindings),
      ...allGone(listing, plans),
      ...(unknown.length === 0 ? [] : [{ kind: 'unknown-runs' as const, runs: unknown }]),
      ...plans.flatMap((plan) => plan.findings).map((finding) => stillOnDisk(finding, listing)),
      ...listing.emptyDirectories.flatMap((path) => emptyDirectoryFinding(path, homes.get(path))),
    ]
      .map((finding) => ({ finding, severity: severityOf(finding) }))
      .sort((a, b) => order[a.severity] - order[b.severity]),
  };
}

/** Two names of which one is a folder of the other cannot both be made: the one that is there stays, neither is overwritten. */
function withoutConflicts(plans: readonly ArchivePlan[]): readonly ArchivePlan[] {
  const conflicts = nameConflicts(plans.map((plan) => plan.name));
  if (conflicts.size === 0) return plans;
  return plans.map((plan) => {
    const other = conflicts.get(plan.name);
    if (other === undefined || plan.decision !== 'make') return plan;
    const finding: Finding = { kind: 'withheld', archive: plan.key, why: { kind: 'name-conflict', with: other } };
    return { ...plan, decision: 'withhold', reasons: [], findings: [...plan.findings, finding] };
  });
}

/** A tree without anything in it is more often a disk that is not mounted than one that was emptied. */
function allGone(listing: Listing, plans: readonly ArchivePlan[]): readonly Finding[] {
  if (listing.entries.length + listing.directories.size + listing.unseen.length > 0) return [];
  const members = plans.reduce(
    (sum, plan) => sum + (plan.held === undefined ? 0 : contentMembers(plan.held).length),
    0,
  );
  return members === 0 ? [] : [{ kind: 'all-gone', members }];
}

/** A member that another archive takes now is not gone. */
function stillOnDisk(finding: Finding, listing: Listing): Finding {
  if (finding.kind !== 'gone' || !onDisk(listing).has(finding.path)) return finding;
  return { kind: 'remapped', archive: finding.archive, path: finding.path };
}

const pathsOf = new WeakMap<Listing, ReadonlySet<string>>();

function onDisk(listing: Listing): ReadonlySet<string> {
  let paths = pathsOf.get(listing);
  if (paths === undefined) {
    paths = new Set([...listing.entries.map((entry: Entry) => entry.path), ...listing.onSeveralDisks.keys()]);
    pathsOf.set(listing, paths);
  }
  return paths;
}

function emptyDirectoryFinding(path: string, home: ArchivePlan | undefined): readonly Finding[] {
  if (home === undefined) return [{ kind: 'empty-directory', path }];
  if (home.decision === 'make' || home.held?.members.some((member) => member.path === path)) return [];
  return [{ kind: 'empty-directory', path, archive: home.key }];
}

function byArchive(homes: ReadonlyMap<string, ArchivePlan>): ReadonlyMap<StoreKey, readonly string[]> {
  const directories = new Map<StoreKey, string[]>();
  for (const [path, plan] of homes) directories.set(plan.key, [...(directories.get(plan.key) ?? []), path]);
  return directories;
}

const order = { blind: 0, problem: 1, notice: 2 } as const;
