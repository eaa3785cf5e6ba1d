import type { StoreKey } from '../../model/store-key.ts';
import type { Store, StoredObject } from '../../store/store.ts';
import { keyPrefix, ownsKey, type Project, signalOf } from '../project.ts';

/** What a store listed of a section at one time. */
export type StoreListing = ReadonlyMap<StoreKey, StoredObject>;

/** Lists the section in the store. Throws if it cannot be listed. */
export async function listStore(
  project: Project,
  section: string,
  options: { readonly signal?: AbortSignal },
): Promise<StoreListing> {
  const listing = new Map<StoreKey, StoredObject>();
  for await (const object of project.store.list(keyPrefix(section), signalOf(options)))
    if (ownsKey(project, section, object.key)) listing.set(object.key, object);
  return listing;
}

/** A store that remembers what it listed of a section, so that a survey can be compared with what it went by. */
export interface WatchedStore {
  readonly store: Store;
  /** What it listed last. Throws if it was not asked. */
  listing(): StoreListing;
}

/** Watches what a store lists of a section; a listing counts once it is complete. */
export function watchedStore(project: Project, section: string): WatchedStore {
  const inner = project.store;
  const wanted = keyPrefix(section);
  let last: StoreListing | undefined;
  return {
    store: {
      ...inner,
      async *list(prefix, options) {
        const seen = new Map<StoreKey, StoredObject>();
        for await (const object of inner.list(prefix, options)) {
          if (prefix === wanted && ownsKey(project, section, object.key)) seen.set(object.key, object);
          yield object;
        }
        if (prefix === wanted) last = seen;
      },
    },
    listing() {
      if (last === undefined) throw new Error(`the survey of ${section} did not list the store`);
      return last;
    },
  };
}
