import type { Manifest } from '../model/manifest.ts';
import { parentOf } from '../model/relative-path.ts';
import type { StoreKey } from '../model/store-key.ts';
import type { Catalog } from './catalog.ts';
import { listingSumsInMemory } from './listing-sums-in-memory.ts';
import { type FoundMember, inOrder, isWanted, type MemberStore } from './member-query.ts';

/** The members of a section, read from the journals for each question: for records that are small, or that nothing can be kept of. */
export function recordMembers(catalog: Catalog): MemberStore {
  return {
    async *members(query) {
      const found: FoundMember[] = [];
      const chosen = [...catalog.archives.values()].filter(({ head }) => query.archives?.(head.key) ?? true);
      for await (const [record, { key, members }] of catalog.manifests(chosen)) {
        const wanted = members.filter((member) => isWanted(query, member));
        if (wanted.length === 0) continue;
        const since = await catalog.sinceOf(record);
        for (const member of wanted) {
          found.push({ archive: key, member, since: since.get(member.path) ?? record.recordedAt });
        }
      }
      found.sort(inOrder);
      yield* found.slice(0, query.limit ?? found.length);
    },
    async *folders() {
      for await (const [, { members }] of catalog.manifests(catalog.archives.values())) {
        const sums = new Map<string, { files: number; bytes: number }>();
        for (const { path, type, bytes, hardLink } of members) {
          if (type === 'directory') continue;
          const one = sums.get(parentOf(path)) ?? { files: 0, bytes: 0 };
          one.files += 1;
          if (hardLink === undefined) one.bytes += bytes;
          sums.set(parentOf(path), one);
        }
        for (const [folder, sum] of sums) yield { folder, ...sum };
      }
    },
    async *onDisk(listing, below) {
      yield* await listingSumsInMemory(listing, manifestsOf(catalog), below);
    },
    async archivesBelow(paths) {
      const found = paths.map(() => new Set<StoreKey>());
      const places = new Map<string, readonly Set<StoreKey>[]>();
      for (const [at, path] of paths.entries()) places.set(path, [...(places.get(path) ?? []), found[at]!]);
      for await (const [, { key, members }] of catalog.manifests(catalog.archives.values())) {
        // An archive without members belongs to the whole section, too.
        for (const set of places.get('') ?? []) set.add(key);
        for (const { path } of members) {
          for (let at = path; at !== ''; at = parentOf(at)) for (const set of places.get(at) ?? []) set.add(key);
        }
      }
      return found;
    },
    async *shared() {
      const holders = new Map<string, StoreKey[]>();
      for await (const [, { key, members }] of catalog.manifests(catalog.archives.values())) {
        for (const { path, type } of members) {
          if (type !== 'directory') holders.set(path, [...(holders.get(path) ?? []), key]);
        }
      }
      for (const [path, keys] of holders) if (keys.length > 1) yield [path, keys];
    },
    close: async () => undefined,
  };
}

async function* manifestsOf(catalog: Catalog): AsyncGenerator<Manifest> {
  for await (const [, manifest] of catalog.manifests(catalog.archives.values())) yield manifest;
}
