import type { ArchiveRecord } from '../../catalog/archive-record.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { MemberStore } from '../../catalog/member-query.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Manifest, Member } from '../../model/manifest.ts';
import { isWithin, parentOf } from '../../model/relative-path.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { keyPrefix } from '../project.ts';

/** What is to be restored: which archives hold any of it. Their members are looked up when it is their turn. */
export interface Selection {
  /** Sorted by key. */
  readonly archives: ReadonlyMap<StoreKey, ArchiveRecord>;
  /** What is to be restored from this archive, in its order; directories that it carries among it. A path that several archives hold comes from one of them only. */
  chosen(key: StoreKey, manifest: Manifest): readonly Member[];
  /** True for a path that was asked for, or that lies below one. */
  isBelow(path: string): boolean;
  /** True if the archive was recorded later than the other. */
  isNewer(key: StoreKey, other: StoreKey): boolean;
  /** Wanted paths that no archive holds. */
  readonly unknown: readonly string[];
}

/**
 * Looks up paths in the record; a directory stands for all below it, '' for the whole section. A path that several archives
 * hold comes from the one that was recorded last, unless `archive` (a key, or a name within the section) says which.
 */
export async function selection(
  catalog: Catalog,
  members: MemberStore,
  paths: readonly string[],
  archive?: string,
): Promise<Selection> {
  const named = archive === undefined ? undefined : namedArchive(catalog, archive);
  const holders = await members.archivesBelow(paths);
  const isWanted = (key: StoreKey) => named === undefined || key === named;
  const keys = new Set(holders.flatMap((some) => [...some]).filter(isWanted));
  const order = new Map(
    [...catalog.archives]
      .sort(([, a], [, b]) => a.recordedAt.localeCompare(b.recordedAt))
      .map(([key], place) => [key, place] as const),
  );
  const isNewer = (key: StoreKey, other: StoreKey) => order.get(key)! > order.get(other)!;
  const newest = new Map<string, StoreKey>();
  if (keys.size > 1) {
    for await (const [path, several] of members.shared()) {
      const [first, ...others] = several.filter((key) => keys.has(key));
      if (first === undefined || others.length === 0) continue;
      newest.set(
        path,
        others.reduce((one, other) => (isNewer(other, one) ? other : one), first),
      );
    }
  }
  const isBelow = belowAny(paths);
  return {
    archives: new Map([...keys].sort().map((key) => [key, catalog.archives.get(key)!])),
    chosen: (key, manifest) =>
      manifest.members.filter(({ path, type }) => {
        if (!isBelow(path)) return false;
        return type === 'directory' || (newest.get(path) ?? key) === key;
      }),
    isBelow,
    isNewer,
    unknown: paths.filter((_, at) => ![...holders[at]!].some(isWanted)),
  };
}

/** Whether a path is one of these or lies below one. */
function belowAny(paths: readonly string[]): (path: string) => boolean {
  const few = 8;
  if (paths.length <= few) return (path) => paths.some((one) => isWithin(path, one));
  const all = new Set(paths);
  return (path) => {
    for (let at = path; ; at = parentOf(at)) {
      if (all.has(at)) return true;
      if (at === '') return false;
    }
  };
}

function namedArchive(catalog: Catalog, archive: string): StoreKey {
  for (const key of catalog.archives.keys()) {
    if (key === archive || key === keyPrefix(catalog.section) + archive) return key;
  }
  throw new StowageError(
    'usage',
    `no archive '${displayName(archive)}' is recorded in section '${displayName(catalog.section)}'`,
    {
      hint: 'stowage find CONFIG PATTERN names the archive of each file',
    },
  );
}
