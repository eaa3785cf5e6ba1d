import { accessSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { plainReason, systemCode } from '../../errors.ts';
import { fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { type Entry, unknownOwner } from '../../model/entry.ts';
import type { Manifest, Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { Content, PackItem } from '../../pack/pack-item.ts';
import type { Finding, RefusalReason } from '../../plan/finding.ts';
import { entryOf } from '../../scan/entry-of.ts';
import type { Source } from '../../store/store.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { ArchiveWork } from './archive-work.ts';
import { directoryItems } from './carried-directories.ts';

/** What goes into one archive now: the plan, with each file looked at once more. */
export interface PackList {
  /** Sorted by path, so that a directory stands before what is in it. */
  readonly items: readonly PackItem[];
  readonly carried: number;
  readonly findings: readonly Finding[];
}

export interface PackListOptions {
  /** The entries were just scanned: what changed since, the writer notices, and the next try looks again. */
  readonly fresh: boolean;
  /** The archive's entries that were found unreadable while they were read: path → reason. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Carried members that could not be read from the old archive and may be left out. */
  readonly dropped: ReadonlySet<string>;
  /** The section's roots on the disks. */
  readonly roots: readonly string[];
}

/** Looks again at every entry of the plan. What vanished or cannot be read comes over from the old archive, or is told. */
export function packList(plan: PlannedArchive, work: ArchiveWork, source: Source, options: PackListOptions): PackList {
  const findings: Finding[] = [];
  const held = new Map(work.held?.members.map((member) => [member.path, member]));
  const carried = new Map(work.carried.map((member) => [member.path, member]));
  const entries: Entry[] = [];
  for (const planned of work.entries) {
    const now =
      options.fresh && mayReadAll && planned.uid !== unknownOwner
        ? { entry: planned }
        : lookAgain(planned, plan, options.unreadable);
    if ('entry' in now) {
      entries.push(now.entry);
      continue;
    }
    findings.push({ kind: 'refused', path: planned.path, why: now.refused });
    const old = plan.format === 'tar' ? held.get(planned.path) : undefined;
    if (old !== undefined && old.type !== 'directory') carried.set(old.path, old);
  }
  for (const path of options.dropped) {
    if (carried.delete(path)) findings.push({ kind: 'dropped', archive: plan.key, path });
  }
  const items: PackItem[] = [
    ...diskItems(entries),
    ...[...carried.values()].map((member) => storedItem(member, work.held!, source)),
  ];
  if (plan.format === 'tar') {
    const members = [...entries, ...carried.values()].sort(byPath);
    for (const item of directoryItems(members, { ...work, roots: options.roots })) items.push(item);
  }
  return { items: items.sort((a, b) => byPath(a.member, b.member)), carried: carried.size, findings };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** Asking is a call per file, and the superuser knows the answer. */
const mayReadAll = process.getuid?.() === 0;

function lookAgain(
  planned: Entry,
  { format, key }: PlannedArchive,
  unreadable: ReadonlyMap<string, string>,
): { readonly entry: Entry } | { readonly refused: RefusalReason } {
  const known = unreadable.get(planned.path);
  if (known !== undefined) return { refused: { kind: 'unreadable', reason: known } };
  const path = fsPath(joinPath(planned.disk, planned.path));
  try {
    const entry = entryOf(planned.disk, planned.path, lstatSync(path, { bigint: true }));
    if (entry?.type === 'file') {
      if (!mayReadAll) accessSync(path, constants.R_OK);
      return { entry };
    }
    if (entry?.type === 'link' && format === 'plain') return { refused: { kind: 'link-as-plain', archive: key } };
    if (entry?.type === 'link') return { entry: { ...entry, target: nameFromBytes(readlinkSync(path, 'buffer')) } };
    return { refused: { kind: 'special', type: entry?.type ?? 'file' } };
  } catch (error) {
    const kind = systemCode(error) === 'ENOENT' ? 'vanished' : 'unreadable';
    return { refused: { kind, reason: plainReason(error) } };
  }
}

/** Several names of one file: the first carries the content, the others are hard links to it. */
function diskItems(entries: readonly Entry[]): readonly PackItem[] {
  const first = new Map<string, string>();
  return entries.map((entry) => {
    const { path, type, bytes, mtimeNs, mode, uid, gid, target, sharedFile } = entry;
    const member = { path, bytes, mtimeNs, mode, uid, gid };
    if (type === 'link') return { member: { ...member, type, target: target ?? '' }, content: { kind: 'none' } };
    const hardLink = sharedFile === undefined ? undefined : first.get(sharedFile);
    if (hardLink !== undefined) return { member: { ...member, type: 'file', hardLink }, content: { kind: 'none' } };
    if (sharedFile !== undefined) first.set(sharedFile, path);
    return { member: { ...member, type: 'file' }, content: { kind: 'disk', path: joinPath(entry.disk, path) } };
  });
}

/** A member that comes over from the archive that is replaced; a hard link brings the content that it shared. */
function storedItem(old: Member, held: Manifest, source: Source): PackItem {
  const { sha256, offset: _, torn, hardLink, ...member } = old;
  if (member.type !== 'file') return { member, content: { kind: 'none' } };
  const owner = hardLink === undefined ? old : held.members.find((one) => one.path === hardLink);
  const start = owner?.offset;
  const content: Content = {
    kind: 'stored',
    open: () => source.get(held.key, { range: { start: start ?? 0, end: (start ?? 0) + old.bytes } }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(torn === undefined ? {} : { torn }),
  };
  return { member, content };
}
