import { type ArchiveRecord, isSameObject, type PendingWrite } from '../../catalog/archive-record.ts';
import { type Folder, folder } from '../../catalog/fold.ts';
import { readHeads } from '../../catalog/heads-cache.ts';
import { runsOf } from '../../catalog/state-folder.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { ownPrefix, type StoreKey } from '../../model/store-key.ts';
import { journalKey } from '../archive/heal.ts';
import { keyPrefix, type Project, signalOf, type VerbOptions } from '../project.ts';

/**
 * Throws `mismatch` where the record of a section here is that of another store: this one has neither a copy of any of its runs nor any archive as it was recorded, so it is not that store
 * moved, but another configuration with the same state folder and section. Bound to this store, its record would promise archives that are not there. Writes nothing.
 */
export async function refuseOtherStores(project: Project, options: VerbOptions): Promise<void> {
  for (const section of project.configuration.sections.keys()) {
    for (const [store, record] of await recordsOfOthers(project, section)) {
      if (await isHere(project, section, record, options)) continue;
      const [was, is] = [displayName(store), displayName(project.store.location)];
      throw new StowageError(
        'mismatch',
        `the record of section '${displayName(section)}' was made for the store '${was}', and '${is}' holds nothing of it`,
        {
          hint: 'if this is another project: give it a state folder of its own with --state DIR; if the store was moved: bring its folder .stowage too',
          facts: { section, store },
        },
      );
    }
  }
}

/** What runs recorded in a store. */
interface StoreRecord {
  readonly runs: string[];
  readonly recorded: readonly (ArchiveRecord | PendingWrite)[];
}

/** By the store, what the journals of this section say of stores that are not this one; a store of which nothing is recorded is not in it. */
async function recordsOfOthers(project: Project, section: string): Promise<ReadonlyMap<string, StoreRecord>> {
  const folds = new Map<string, { readonly runs: string[]; readonly fold: Folder }>();
  for (const run of await runsOf(project.state, section)) {
    try {
      let other: { readonly runs: string[]; readonly fold: Folder } | undefined;
      reading: for await (const items of readHeads(project.state, section, run, true)) {
        for (const item of items) {
          if (item.kind === 'run' && item.store !== project.store.location) {
            other = folds.get(item.store) ?? { runs: [], fold: folder() };
            folds.set(item.store, other);
            other.runs.push(run);
          }
          if (other === undefined) break reading;
          other.fold.add(item, run);
        }
      }
    } catch (error) {
      // A damaged journal is told, and left out, when journals are brought.
      if (!isStowageError(error, 'corrupt')) throw error;
    }
  }
  const records = [...folds].map(([store, { runs, fold }]) => [store, { runs, recorded: recordedIn(fold) }] as const);
  return new Map(records.filter(([, { recorded }]) => recorded.length > 0));
}

function recordedIn(fold: Folder): StoreRecord['recorded'] {
  const { archives, pending } = fold.result();
  return [...archives.values(), ...pending];
}

/** True if the project's store holds anything of the record. */
async function isHere(
  { store }: Project,
  section: string,
  { runs, recorded }: StoreRecord,
  options: VerbOptions,
): Promise<boolean> {
  const copies = new Set<string>(runs.map(journalKey));
  for await (const { key } of store.list(ownPrefix, signalOf(options))) if (copies.has(key)) return true;
  const known = new Map<StoreKey, ArchiveRecord | PendingWrite>(recorded.map((one) => [one.head.key, one]));
  for await (const object of store.list(keyPrefix(section), signalOf(options))) {
    const one = known.get(object.key);
    if (one !== undefined && isSameObject(one, object)) return true;
  }
  return false;
}
