import type { ArchiveRecord } from '../../catalog/archive-record.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { isWithin } from '../../model/relative-path.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { keyPrefix } from '../project.ts';

/** What is to be restored: each path from one archive, and the directories that were carried with them. */
export interface Selection {
  /** By archive, sorted by key; members sorted by path. */
  readonly archives: ReadonlyMap<StoreKey, { readonly record: ArchiveRecord; readonly members: readonly Member[] }>;
  /** By path; of several archives that carry one, the newest. */
  readonly directories: ReadonlyMap<string, Member>;
  /** Wanted paths that no archive holds. */
  readonly unknown: readonly string[];
}

/**
 * Looks up paths in the record; a directory stands for all below it, '' for the whole section. A path that several archives
 * hold comes from the one that was recorded last, unless `archive` (a key, or a name within the section) says which.
 */
export async function selection(catalog: Catalog, paths: readonly string[], archive?: string): Promise<Selection> {
  const records = recordsOf(catalog, archive);
  const chosen = new Map<string, { key: StoreKey; record: ArchiveRecord; member: Member }>();
  const directories = new Map<string, Member>();
  const unknown = new Set(paths);
  for (const [key, record] of records) {
    for (const member of (await catalog.manifestOf(record)).members) {
      const wanted = paths.filter((path) => isWithin(member.path, path));
      if (wanted.length === 0) continue;
      for (const path of wanted) unknown.delete(path);
      // Records come oldest first, so a later one takes the place.
      if (member.type === 'directory') directories.set(member.path, member);
      else chosen.set(member.path, { key, record, member });
    }
  }
  const archives = new Map<StoreKey, { record: ArchiveRecord; members: Member[] }>();
  for (const { key, record, member } of [...chosen.values()].sort((a, b) => (a.member.path < b.member.path ? -1 : 1))) {
    const one = archives.get(key) ?? { record, members: [] };
    one.members.push(member);
    archives.set(key, one);
  }
  return { archives: new Map([...archives].sort(([a], [b]) => (a < b ? -1 : 1))), directories, unknown: [...unknown] };
}

function recordsOf(catalog: Catalog, archive: string | undefined): readonly (readonly [StoreKey, ArchiveRecord])[] {
  const all = [...catalog.archives].sort(([, a], [, b]) => a.recordedAt.localeCompare(b.recordedAt));
  if (archive === undefined) return all;
  const found = all.filter(([key]) => key === archive || key === keyPrefix(catalog.section) + archive);
  if (found.length > 0) return found;
  throw new StowageError(
    'usage',
    `no archive '${displayName(archive)}' is recorded in section '${displayName(catalog.section)}'`,
    {
      hint: 'stowage find CONFIG PATTERN names the archive of each file',
    },
  );
}
