import { isChanged } from '../model/compare-members.ts';
import type { Entry } from '../model/entry.ts';
import { contentMembers, type Manifest, type Member } from '../model/manifest.ts';
import type { StoreKey } from '../model/store-key.ts';
import { type ArchiveRow, isTarName } from './archive-row.ts';
import { contentBytes } from './content-bytes.ts';
import type { Finding } from './finding.ts';
import { partName } from './part-name.ts';
import type { Policy } from './plan-archive.ts';

/** A part of an archive that the store has, or the catalog knows. */
export interface HeldPart extends Pick<ArchiveRow, 'key' | 'held' | 'lost'> {
  readonly number: number;
}

/** The rows of an archive and its parts, and what must be told of members and parts that are in none. */
export interface SplitRows {
  readonly rows: readonly ArchiveRow[];
  readonly findings: readonly Finding[];
}

/** An archive or part while members are given to it. */
interface Slot extends Pick<ArchiveRow, 'key' | 'name' | 'held' | 'lost'> {
  /** 0 for the archive itself. */
  readonly number: number;
  readonly manifest: Manifest | undefined;
  entries: Entry[];
}

/**
 * Divides what the rules map to one archive among it and its parts, by whole members. Every member stays where it is held, so that an unchanged tree
 * leaves all of them alone. What is new goes, in the order of the paths, to the last part while it has room, then to new ones; so does what was changed
 * and has no room any more where it is: its old state stays there. Pure. `isRuleName`: a rule gives this name to an archive of its own, and no part gets it.
 */
export function splitRow(
  row: ArchiveRow,
  parts: readonly HeldPart[],
  policy: Policy,
  isRuleName: (name: string) => boolean,
): SplitRows {
  const slots = slotsOf(row, parts);
  const [whole] = slots;
  const fits = keptBytes({ ...whole!, entries: [...row.entries] }) + contentBytes(row.entries) <= policy.sizeLimit;
  if (!isTarName(row.name) || (parts.length === 0 && (fits || policy.split !== true)))
    return { rows: [row], findings: [] };
  const coming = placeHeld(row.entries, slots, policy);
  const tooLarge = placeNew(coming, slots, row, policy, isRuleName);
  const refused = new Set(tooLarge.map((entry) => entry.path));
  const findings: Finding[] = tooLarge.map(({ path, bytes }) => ({
    kind: 'refused',
    path,
    why: { kind: 'too-large', bytes, limit: policy.sizeLimit },
  }));
  const rows: ArchiveRow[] = [];
  for (const { number: _, manifest: __, entries, ...slot } of slots) {
    const isKnown = slot.held !== undefined || slot.lost !== undefined;
    if (entries.length === 0 && !isKnown) continue;
    const unreadable = new Set([...(row.unreadable ?? []), ...refused]);
    rows.push({ ...slot, entries: entries.sort(byPath), unreadable, blind: row.blind });
  }
  return { rows, findings };
}

/** The archive itself, then its parts by number. */
function slotsOf(row: ArchiveRow, parts: readonly HeldPart[]): Slot[] {
  const known = ({ key, held, lost }: Pick<ArchiveRow, 'key' | 'held' | 'lost'>, number: number): Slot => ({
    key,
    name: number === 0 ? row.name : partName(row.name, number),
    number,
    ...(held === undefined ? {} : { held }),
    ...(lost === undefined ? {} : { lost }),
    manifest: held?.manifest ?? lost?.manifest,
    entries: [],
  });
  return [known(row, 0), ...[...parts].sort((a, b) => a.number - b.number).map((part) => known(part, part.number))];
}

/** Gives entries to where they are held; returns those that are new, or were changed and have no room there any more. */
function placeHeld(entries: readonly Entry[], slots: readonly Slot[], policy: Policy): Entry[] {
  const homes = new Map<string, { readonly slot: Slot; readonly member: Member }>();
  // What was once changed and moved on is in two of them: the later one has what counts.
  for (const slot of slots)
    for (const member of slot.manifest === undefined ? [] : contentMembers(slot.manifest))
      homes.set(member.path, { slot, member });
  const coming: Entry[] = [];
  const overflow = (slot: Slot) => contentBytes(slot.entries) + keptBytes(slot) - policy.sizeLimit;
  for (const entry of entries) (homes.get(entry.path)?.slot.entries ?? coming).push(entry);
  for (const slot of policy.split === true ? slots : []) {
    const { manifest } = slot;
    if (manifest === undefined) continue;
    const changed = slot.entries.filter((entry) => isChanged(entry, homes.get(entry.path)!.member, manifest));
    for (let over = overflow(slot); over > 0 && changed.length > 0; over = overflow(slot)) {
      const moved = new Set<Entry>();
      for (let freed = 0; freed < over && changed.length > 0; ) {
        const entry = changed.pop()!;
        moved.add(entry);
        // Its old state is carried over instead.
        freed += Math.max(1, entry.bytes - homes.get(entry.path)!.member.bytes);
      }
      slot.entries = slot.entries.filter((entry) => !moved.has(entry));
      coming.push(...moved);
    }
  }
  return coming.sort(byPath);
}

/** Gives new entries to the last slot and to new parts; returns those that no part has room for. */
function placeNew(
  coming: readonly Entry[],
  slots: Slot[],
  row: ArchiveRow,
  policy: Policy,
  isRuleName: (name: string) => boolean,
): readonly Entry[] {
  const tooLarge: Entry[] = [];
  const prefix = row.key.slice(0, row.key.length - row.name.length);
  // An archive that is not in parts stays as it is, if it is there at all.
  let last = slots.length > 1 ? slots.at(-1)! : undefined;
  let filled = last === undefined ? 0 : contentBytes(last.entries) + keptBytes(last);
  let shared = new Set(last?.entries.map((entry) => entry.sharedFile));
  for (const entry of coming) {
    if (policy.split === true && entry.bytes > policy.sizeLimit) {
      tooLarge.push(entry);
      continue;
    }
    const more = entry.sharedFile !== undefined && shared.has(entry.sharedFile) ? 0 : entry.bytes;
    if (last === undefined || (policy.split === true && filled + more > policy.sizeLimit)) {
      let number = (last?.number ?? 0) + 1;
      while (isRuleName(partName(row.name, number))) number += 1;
      const name = partName(row.name, number);
      last = { key: `${prefix}${name}` as StoreKey, name, number, manifest: undefined, entries: [] };
      slots.push(last);
      filled = 0;
      shared = new Set();
    }
    last.entries.push(entry);
    filled += entry.sharedFile !== undefined && shared.has(entry.sharedFile) ? 0 : entry.bytes;
    shared.add(entry.sharedFile);
  }
  return tooLarge;
}

/** What a replacement carries over: members that are held here and read from nowhere else. */
function keptBytes({ manifest, entries }: Slot): number {
  if (manifest === undefined) return 0;
  const present = new Set(entries.map((entry) => entry.path));
  return contentBytes(contentMembers(manifest).filter((member) => !present.has(member.path)));
}

function byPath(a: Entry, b: Entry): number {
  return a.path < b.path ? -1 : 1;
}
