import { type ArchiveRecord, isSameObject } from '../catalog/archive-record.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { isSameTime } from '../model/compare-members.ts';
import { contentMembers, type Manifest, type Member } from '../model/manifest.ts';
import type { StoreKey } from '../model/store-key.ts';
import { identityOf, type Project } from '../verbs/project.ts';

/** What a store holds of a day. */
export interface DayHoldings {
  /** Every version of a file or link, by its path in the day, the oldest first: of archives that are in the store as they were recorded. */
  readonly held: ReadonlyMap<string, readonly Member[]>;
  /** The archives that are recorded and not in the store, with what was in them. */
  readonly lost: ReadonlyMap<StoreKey, readonly Member[]>;
  /** The keys of all that are recorded. */
  readonly recorded: ReadonlySet<StoreKey>;
  /** True if a run was killed before it had recorded what it wrote: who archives the next time sees to it. */
  readonly isUnsettled: boolean;
}

/** Looks at the record of a day, and whether the store has what it says. */
export async function dayHoldings(project: Project, day: string): Promise<DayHoldings> {
  const catalog = await openCatalog(project.state, day, identityOf(project));
  const held = new Map<string, Member[]>();
  const lost = new Map<StoreKey, readonly Member[]>();
  const records = inOrder(catalog.archives.values());
  // At once: some stores answer many questions as fast as one.
  const objects = await Promise.all(records.map(({ head }) => project.store.stat(head.key)));
  for (const [at, record] of records.entries()) {
    const { key } = record.head;
    const object = objects[at];
    const members = withDigests(await catalog.manifestOf(record));
    if (object === undefined) lost.set(key, members);
    if (object === undefined || !isSameObject(record, object) || record.damage !== undefined) continue;
    for (const member of members) held.set(member.path, [...(held.get(member.path) ?? []), member]);
  }
  return { held, lost, recorded: new Set(catalog.archives.keys()), isUnsettled: catalog.pending.length > 0 };
}

/** Archives as they were recorded, the oldest first. */
export function inOrder(records: Iterable<ArchiveRecord>): readonly ArchiveRecord[] {
  return [...records].sort((one, other) => (one.recordedAt < other.recordedAt ? -1 : 1));
}

/** The files and links of an archive; further names of a file have its digest. */
export function withDigests(manifest: Manifest): readonly Member[] {
  const members = contentMembers(manifest);
  const digests = new Map(members.map(({ path, sha256 }) => [path, sha256]));
  return members.map((member) => {
    const sha256 = member.sha256 ?? (member.hardLink === undefined ? undefined : digests.get(member.hardLink));
    return sha256 === undefined ? member : { ...member, sha256 };
  });
}

/** True if one of the versions is this file as it is staged; what is known to hold something must be known to hold the same. */
export function isAmong(versions: readonly Member[] | undefined, staged: Member): boolean {
  return (versions ?? []).some(
    (one) =>
      one.type === staged.type &&
      one.bytes === staged.bytes &&
      one.target === staged.target &&
      isSameTime(one.mtimeNs, staged.mtimeNs) &&
      (staged.sha256 === undefined || one.sha256 === staged.sha256),
  );
}
