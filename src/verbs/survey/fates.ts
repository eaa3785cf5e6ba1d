import type { Entry } from '../../model/entry.ts';
import { baseOf } from '../../model/relative-path.ts';
import type { Finding } from '../../plan/finding.ts';
import type { RuleSet } from '../../rules/rule-set.ts';
import type { Rule } from '../../rules/section.ts';
import type { Listing } from '../../shards/listing.ts';
import { isPartialName } from '../restore/partial-name.ts';

/** The entries of a listing by what becomes of them. */
export interface Mapped {
  /** By archive name: the entries that go there, sorted by path, and the rules that sent them. */
  readonly archives: ReadonlyMap<string, MappedArchive>;
  readonly counts: FateCounts;
  readonly findings: readonly Finding[];
}

export interface MappedArchive {
  readonly entries: readonly Entry[];
  readonly rules: ReadonlySet<Rule>;
}

/** How many entries have which fate. */
export interface FateCounts {
  readonly entries: number;
  readonly bytes: number;
  readonly archived: number;
  readonly excluded: number;
  readonly automated: number;
  readonly unmapped: number;
  readonly ambiguous: number;
  readonly refused: number;
}

/** Gives every entry of the listing its one fate. `ownsName`: the archive's name is not one of a section that is nested in this one. */
export function mapListing(listing: Listing, rules: RuleSet, ownsName: (archive: string) => boolean): Mapped {
  const archives = new Map<string, { entries: Entry[]; rules: Set<Rule> }>();
  const findings: Finding[] = [];
  const counts = {
    entries: 0,
    bytes: 0,
    archived: 0,
    excluded: 0,
    automated: 0,
    unmapped: 0,
    ambiguous: 0,
    refused: 0,
  };
  const several = [...listing.onSeveralDisks.values()].map((found) => found[0]!);
  for (const entry of [...listing.entries, ...several]) {
    counts.entries += 1;
    counts.bytes += entry.bytes;
    const fate = rules.fateOf(entry.path);
    const refusal = isPartialName(baseOf(entry.path))
      ? leftover(entry)
      : fate.kind === 'archived'
        ? (nestedName(entry, fate.archive, ownsName) ?? refusalOf(entry, listing))
        : undefined;
    counts[refusal === undefined ? fate.kind : 'refused'] += 1;
    if (refusal !== undefined) {
      findings.push(refusal);
    } else if (fate.kind === 'archived') {
      let archive = archives.get(fate.archive);
      if (archive === undefined) {
        archive = { entries: [], rules: new Set() };
        archives.set(fate.archive, archive);
      }
      archive.entries.push(entry);
      archive.rules.add(fate.rule);
    } else if (fate.kind === 'unmapped') {
      findings.push({ kind: 'unmapped', path: entry.path, directory: fate.directory, described: fate.described });
    } else if (fate.kind === 'ambiguous') {
      findings.push({ kind: 'ambiguous', path: entry.path, patterns: fate.rules.map((rule) => rule.pattern) });
    } else if (fate.kind === 'refused') {
      findings.push({ kind: 'refused', path: entry.path, why: fate.reason });
    }
  }
  return { archives, counts, findings: [...findings, ...unseenFindings(listing)] };
}

/** Half a file that a killed restore left is never archived. */
function leftover(entry: Entry): Finding {
  return { kind: 'refused', path: entry.path, why: { kind: 'leftover' } };
}

function nestedName(entry: Entry, name: string, ownsName: (archive: string) => boolean): Finding | undefined {
  if (ownsName(name)) return undefined;
  const why = 'it would be an archive of the section that is nested there';
  return { kind: 'refused', path: entry.path, why: { kind: 'illegal-name', name, why } };
}

/** Why an entry that a rule maps cannot be archived. */
function refusalOf(entry: Entry, listing: Listing): Finding | undefined {
  const found = listing.onSeveralDisks.get(entry.path);
  if (found !== undefined) {
    const disks = found.map((one) => one.disk);
    return { kind: 'refused', path: entry.path, why: { kind: 'several-disks', disks } };
  }
  if (entry.type === 'file' || entry.type === 'link') return undefined;
  return { kind: 'refused', path: entry.path, why: { kind: 'special', type: entry.type } };
}

function unseenFindings(listing: Listing): readonly Finding[] {
  return listing.unseen.map((one) =>
    one.kind === 'vanished' && !one.directory
      ? { kind: 'refused', path: one.path, why: { kind: 'vanished', reason: one.reason } }
      : { kind: 'unseen', path: one.path, reason: one.reason },
  );
}

/** Places that could not be looked at and below which anything may lie. */
export function blindPlaces(listing: Listing): readonly string[] {
  return listing.unseen.filter((one) => one.directory || one.kind === 'unreadable').map((one) => one.path);
}
