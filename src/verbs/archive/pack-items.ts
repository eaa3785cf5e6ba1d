import { accessSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { plainReason, systemCode } from '../../errors.ts';
import { fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Entry } from '../../model/entry.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { PackItem } from '../../pack/pack-item.ts';
import type { Finding, RefusalReason } from '../../plan/finding.ts';
import { entryOf } from '../../scan/entry-of.ts';
import type { Source } from '../../store/store.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import type { ArchiveWork } from './archive-work.ts';
import { directoryItems } from './carried-directories.ts';
import { entryItems, lineEntry } from './line-item.ts';
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
  const items: PackItem[] = [
    ...entries.map(entryItems()),
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
