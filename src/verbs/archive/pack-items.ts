import type { Entry } from '../../model/entry.ts';
import type { PackItem } from '../../pack/pack-item.ts';
import type { Finding } from '../../plan/finding.ts';
import type { Source } from '../../store/store.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { ArchiveWork } from './archive-work.ts';
import { directoryItems } from './carried-directories.ts';
import { entryItems, lineEntry } from './line-item.ts';
import { lookAgain } from './look-again.ts';
import { copiesOnce } from './proven-range.ts';
import { storedItem } from './stored-item.ts';

/** What goes into one archive now: the plan, with each file looked at once more. */
export interface PackList {
  /** Sorted by path, so that a directory stands before what is in it. */
  readonly items: readonly PackItem[];
  readonly carried: number;
  readonly findings: readonly Finding[];
}

export interface PackListOptions {
  /** The archive's entries that were found unreadable while they were read: path → reason. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Carried members that could not be read from the old archive and may be left out. */
  readonly dropped: ReadonlySet<string>;
  /** The section's roots on the disks, as the listing numbers them. */
  readonly roots: readonly string[];
}

/** Looks again at every entry of the plan. What vanished or cannot be read comes over from the old archive, or is told. */
export function packList(plan: PlannedArchive, work: ArchiveWork, source: Source, options: PackListOptions): PackList {
  const findings: Finding[] = [];
  const held = new Map(work.held?.members.map((member) => [member.path, member]));
  const carried = new Map(work.carried.map((member) => [member.path, member]));
  const entries: Entry[] = [];
  for (const line of work.lines) {
    const planned = lineEntry(line, options.roots);
    const now = lookAgain(planned, plan, options.unreadable);
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
  const copies = work.held === undefined ? async () => [] : copiesOnce(source, work.held.key);
  const items: PackItem[] = [
    ...entries.map(entryItems()),
    ...[...carried.values()].map((member) => storedItem(member, work.held!, source, copies)),
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
