import { accessSync, constants } from 'node:fs';
import type { Catalog } from '../../catalog/catalog.ts';
import { plainReason, systemCode } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import type { Manifest } from '../../model/manifest.ts';
import { isWithin, joinPath } from '../../model/relative-path.ts';
import { type StoreKey, storeKey } from '../../model/store-key.ts';
import type { ArchiveRow } from '../../plan/archive-row.ts';
import { isChanged } from '../../plan/compare-members.ts';
import type { Finding } from '../../plan/finding.ts';
import type { RuleSet } from '../../rules/rule-set.ts';
import type { Rule } from '../../rules/section.ts';
import type { Listing } from '../../shards/listing.ts';
import { keyPrefix } from '../project.ts';
import { blindPlaces, type Mapped } from './fates.ts';
import type { HeldObjects } from './held-objects.ts';

/** A place that could not be looked at, and the rules that could send something from there to an archive. */
export interface BlindPlace {
  readonly directory: string;
  readonly rules: ReadonlySet<Rule>;
}

/** The places of a listing that could not be looked at. */
export function blindRules(listing: Listing, rules: RuleSet): readonly BlindPlace[] {
  return blindPlaces(listing).map((directory) => ({
    directory,
    rules: new Set(rules.rulesThatCouldMatchBelow(directory)),
  }));
}

/** A row with the reasons why files that it needs cannot be read. */
export type SurveyedRow = ArchiveRow & { readonly reasons: ReadonlyMap<string, string> };

/** The join: a row for every archive that a rule names, that the store has, or that the catalog knows. Sorted by key. */
export async function archiveRows(
  mapped: Mapped,
  objects: HeldObjects,
  catalog: Catalog,
  blind: readonly BlindPlace[],
): Promise<readonly SurveyedRow[]> {
  const prefix = keyPrefix(catalog.section);
  const keys = new Set<StoreKey>([...mapped.archives.keys()].map((name) => storeKey(prefix + name)));
  for (const key of [...objects.held.keys(), ...catalog.archives.keys()]) keys.add(key);
  const rows: SurveyedRow[] = [];
  for (const key of [...keys].sort()) {
    const name = key.slice(prefix.length);
    const archive = mapped.archives.get(name);
    const held = objects.held.get(key);
    const record = catalog.archives.get(key);
    const reasons = unreadableOf(archive?.entries ?? [], held?.manifest);
    const lost =
      held === undefined && record !== undefined
        ? { manifest: await catalog.manifestOf(record), recordedAt: record.recordedAt }
        : undefined;
    rows.push({
      key,
      name,
      entries: (archive?.entries ?? []).filter((entry) => !reasons.has(entry.path)),
      ...(held === undefined ? {} : { held }),
      ...(lost === undefined ? {} : { lost }),
      unreadable: new Set(reasons.keys()),
      reasons,
      blind: blind
        .filter((one) => couldBelong(one, archive?.rules, held?.manifest ?? lost?.manifest))
        .map((one) => one.directory),
    });
  }
  return rows;
}

/** The files that a row needs and cannot read, as findings. */
export function unreadableFindings(row: SurveyedRow): readonly Finding[] {
  return [...row.reasons].map(([path, reason]) => ({ kind: 'refused', path, why: { kind: 'unreadable', reason } }));
}

/**
 * The entries that would make an archive due and cannot be read: without this look a file that nobody can read would have the
 * archive made again in every run. The superuser need not ask; of an archive that is not there, what can be read is made in any case.
 */
function unreadableOf(entries: readonly Entry[], manifest: Manifest | undefined): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  if (manifest === undefined || process.getuid?.() === 0) return reasons;
  const members = new Map(manifest.members.map((member) => [member.path, member]));
  for (const entry of entries) {
    const member = members.get(entry.path);
    if (entry.type !== 'file' || (member !== undefined && !isChanged(entry, member, manifest))) continue;
    try {
      accessSync(fsPath(joinPath(entry.disk, entry.path)), constants.R_OK);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') reasons.set(entry.path, plainReason(error));
    }
  }
  return reasons;
}

function couldBelong(place: BlindPlace, rules: ReadonlySet<Rule> | undefined, manifest: Manifest | undefined): boolean {
  for (const rule of rules ?? []) if (place.rules.has(rule)) return true;
  return manifest?.members.some((member) => isWithin(member.path, place.directory)) ?? false;
}
