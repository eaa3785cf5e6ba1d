import { hasOtherAttributes, isChanged } from '../model/compare-members.ts';
import type { Entry } from '../model/entry.ts';
import { contentMembers, type Manifest, type Member } from '../model/manifest.ts';
import { isWithin } from '../model/relative-path.ts';
import type { StoreKey } from '../model/store-key.ts';
import { type ArchiveRow, type Held, isTarName } from './archive-row.ts';
import { contentBytes } from './content-bytes.ts';
import type { Finding, Withheld } from './finding.ts';

export interface Policy {
  /** Archives whose members hold more bytes than this are not made. */
  readonly sizeLimit: number;
  /** Members that are gone from disk and cannot be read from the old archive may be left out of its replacement. */
  readonly allowShrink: boolean;
  /** A larger archive is split by whole members instead (see split-row.ts); false if absent. */
  readonly split?: boolean;
}

/** Why an archive is to be made. */
export type Reason =
  | { readonly kind: 'absent' }
  | { readonly kind: 'lost'; readonly recordedAt: string }
  | { readonly kind: 'damaged'; readonly what: string }
  | { readonly kind: 'members'; readonly added: number; readonly changed: number };

/** What to do with one archive, and why. Plain data: it can be printed, kept and run. */
export interface ArchivePlan {
  readonly key: StoreKey;
  readonly name: string;
  readonly format: Manifest['format'];
  readonly decision: 'make' | 'keep' | 'withhold';
  readonly reasons: readonly Reason[];
  /** Members that are read from disk. */
  readonly entries: readonly Entry[];
  /** Members that are gone from disk and come over from the archive that is replaced. */
  readonly carried: readonly Member[];
  /** Content of all members, in bytes. */
  readonly bytes: number;
  /** The version that is replaced; absent if the name is free. */
  readonly replaces?: string;
  /** What is held now: where carried members are read from. */
  readonly held?: Manifest;
  readonly findings: readonly Finding[];
}

/** Decides about one archive. Pure: no clock, no disk, the same answer for the same row. */
export function planArchive(row: ArchiveRow, policy: Policy): ArchivePlan {
  const refused = plainProblems(row);
  if (refused.length > 0) return { ...base(row, []), decision: 'withhold', entries: [], bytes: 0, findings: refused };
  return row.held === undefined ? planAbsent(row, policy) : planHeld(row, row.held, policy);
}

/** The plan for an archive of which it was seen that nothing at all has changed: what `planArchive` would say of it, without its entries. */
export function planUnchanged({
  key,
  name,
  held,
}: Pick<ArchiveRow, 'key' | 'name'> & { readonly held: Pick<Held, 'version' | 'neverVerified'> }): ArchivePlan {
  const findings: readonly Finding[] = held.neverVerified ? [{ kind: 'never-verified', archive: key }] : [];
  return { ...base({ key, name, entries: [], blind: [] }, findings), replaces: held.version, decision: 'keep' };
}

/**
 * The plan for an archive that is neither in the store nor in the record, and has nothing to be told: what `planArchive` would say of it, without
 * its entries. Undefined if they must be looked at.
 */
export function planNew(
  { key, name }: Pick<ArchiveRow, 'key' | 'name'>,
  bytes: number,
  policy: Policy,
): ArchivePlan | undefined {
  if (!isTarName(name) || bytes > policy.sizeLimit) return undefined;
  const nothing = base({ key, name, entries: [], blind: [] }, []);
  return { ...nothing, decision: 'make', reasons: [{ kind: 'absent' }], bytes };
}

/** A plain name takes exactly one file. */
function plainProblems(row: ArchiveRow): readonly Finding[] {
  if (isTarName(row.name)) return [];
  if (row.entries.length > 1) {
    return row.entries.map((entry) => ({ kind: 'plain-clash', path: entry.path, archive: row.key }));
  }
  return row.entries
    .filter((entry) => entry.type === 'link')
    .map((entry) => ({ kind: 'refused', path: entry.path, why: { kind: 'link-as-plain', archive: row.key } }));
}

function planAbsent(row: ArchiveRow, policy: Policy): ArchivePlan {
  if (row.lost === undefined) return make(row, [{ kind: 'absent' }], [], policy);
  const gone = goneMembers(row, row.lost.manifest);
  const { recordedAt } = row.lost;
  if (gone.length === 0) return make(row, [{ kind: 'lost', recordedAt }], [], policy);
  const told = gone.map((member) => goneFinding(row, member));
  if (!policy.allowShrink) return withhold(row, { kind: 'lost', gone: gone.length, recordedAt }, told);
  const dropped: Finding[] = gone.map((member) => ({ kind: 'dropped', archive: row.key, path: member.path }));
  if (row.entries.length === 0) return { ...base(row, dropped), decision: 'keep' };
  return make(row, [{ kind: 'lost', recordedAt }], [], policy, dropped);
}

function planHeld(row: ArchiveRow, held: Held, policy: Policy): ArchivePlan {
  const { manifest } = held;
  if (manifest === undefined) {
    const why: Withheld = { kind: 'old-unreadable', reason: held.unreadable ?? 'its content is not known', gone: 0 };
    if (!policy.allowShrink || row.entries.length === 0) return withhold(row, why, []);
    return make(row, [{ kind: 'damaged', what: why.reason }], [], policy);
  }
  const comparison = compare(row, manifest);
  const findings: Finding[] = [...comparison.findings];
  if (held.replacedByOthers) {
    if (!policy.allowShrink || row.entries.length === 0) return withhold(row, { kind: 'replaced-by-others' }, findings);
    return make(row, [{ kind: 'damaged', what: 'somebody else replaced it' }], [], policy, findings);
  }
  if (held.neverVerified) findings.push({ kind: 'never-verified', archive: row.key });
  const isDue = comparison.added + comparison.changed > 0 || held.damage !== undefined;
  if (!isDue) return { ...base(row, findings), decision: 'keep' };
  const lost = lostMembers(row, held, comparison.gone);
  if (held.damage !== undefined && (row.entries.length === 0 || (lost.length > 0 && !policy.allowShrink))) {
    const gone = new Set([...comparison.gone, ...lost].map((member) => member.path)).size;
    return withhold(row, { kind: 'old-unreadable', reason: held.damage, gone }, findings);
  }
  const reasons: Reason[] = [];
  if (held.damage !== undefined) reasons.push({ kind: 'damaged', what: held.damage });
  if (comparison.added + comparison.changed > 0) {
    reasons.push({ kind: 'members', added: comparison.added, changed: comparison.changed });
  }
  if (row.blind.length > 0) return withhold(row, { kind: 'blind', directories: row.blind }, findings);
  if (!isTarName(row.name) && comparison.gone.length > 0 && !policy.allowShrink) {
    // A plain object holds one file, so there is no room to carry another over.
    return withhold(row, { kind: 'would-shrink', gone: comparison.gone.length }, findings);
  }
  const onDisk = new Set(row.entries.map((entry) => entry.path));
  const foreign = (manifest.foreign ?? []).filter((one) => !onDisk.has(one.path));
  if (foreign.length > 0 && !policy.allowShrink) {
    return withhold(row, { kind: 'would-shrink', gone: foreign.length }, findings);
  }
  const dropped = [...lost, ...foreign, ...(isTarName(row.name) ? [] : comparison.gone)].map((one) => one.path);
  for (const path of new Set(dropped)) findings.push({ kind: 'dropped', archive: row.key, path });
  const carried = isTarName(row.name) ? comparison.gone.filter((member) => !lost.includes(member)) : [];
  return make(row, reasons, carried, policy, findings);
}

/** Members that are nowhere else and that a damaged object no longer holds, or holds without a digest that could prove them. */
function lostMembers(row: ArchiveRow, held: Held, gone: readonly Member[]): readonly Member[] {
  if (held.damage === undefined) return [];
  const onDisk = new Set(row.entries.map((entry) => entry.path));
  const unproven = gone.filter((one) => one.type === 'file' && one.bytes > 0 && one.sha256 === undefined);
  return [...(held.lacking ?? []).filter((one) => !onDisk.has(one.path)), ...unproven];
}

interface Comparison {
  readonly added: number;
  readonly changed: number;
  readonly gone: readonly Member[];
  readonly findings: readonly Finding[];
}

function compare(row: ArchiveRow, manifest: Manifest): Comparison {
  const members = new Map(contentMembers(manifest).map((member) => [member.path, member]));
  const findings: Finding[] = [];
  let added = 0;
  let changed = 0;
  for (const entry of row.entries) {
    const member = members.get(entry.path);
    if (member === undefined) added += 1;
    else if (isChanged(entry, member, manifest)) changed += 1;
    else if (hasOtherAttributes(entry, member, manifest))
      findings.push({ kind: 'attributes', archive: row.key, path: entry.path });
  }
  const gone = goneMembers(row, manifest);
  for (const member of gone)
    if (!isBlind(row, member) && !row.unreadable?.has(member.path)) findings.push(goneFinding(row, member));
  return { added, changed, gone, findings };
}

function goneMembers(row: ArchiveRow, manifest: Manifest): readonly Member[] {
  const present = new Set(row.entries.map((entry) => entry.path));
  return contentMembers(manifest).filter((member) => !present.has(member.path));
}

function isBlind(row: ArchiveRow, member: Member): boolean {
  return row.blind.some((directory) => isWithin(member.path, directory));
}

function goneFinding(row: ArchiveRow, member: Member): Finding {
  return { kind: 'gone', archive: row.key, path: member.path, bytes: member.bytes };
}

function make(
  row: ArchiveRow,
  reasons: readonly Reason[],
  carried: readonly Member[],
  policy: Policy,
  findings: readonly Finding[] = [],
): ArchivePlan {
  const plan = { ...base(row, findings), carried };
  const bytes = contentBytes(row.entries) + contentBytes(carried);
  if (bytes > policy.sizeLimit) return withhold(row, { kind: 'too-large', bytes, limit: policy.sizeLimit }, findings);
  return { ...plan, decision: 'make', reasons, bytes };
}

function withhold(row: ArchiveRow, why: Withheld, findings: readonly Finding[]): ArchivePlan {
  return { ...base(row, [...findings, { kind: 'withheld', archive: row.key, why }]), decision: 'withhold' };
}

function base(row: ArchiveRow, findings: readonly Finding[]): Omit<ArchivePlan, 'decision'> {
  return {
    key: row.key,
    name: row.name,
    format: isTarName(row.name) ? 'tar' : 'plain',
    reasons: [],
    entries: row.entries,
    carried: [],
    bytes: contentBytes(row.entries),
    ...(row.held === undefined ? {} : { replaces: row.held.version }),
    ...(row.held?.manifest === undefined ? {} : { held: row.held.manifest }),
    findings,
  };
}
