import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { type ScratchFolder, scratchFolder, workFolder } from '../durable/scratch-folder.ts';
import { isStowageError, systemCode } from '../errors.ts';
import { isUtf8Name } from '../model/byte-name.ts';
import { openDatabase, sqlText } from '../shards/database.ts';
import type { ArchiveRecord } from './archive-record.ts';
import { type Catalog, type Identity, openCatalog } from './catalog.ts';
import { buildIndexFile, removeOldIndexFiles } from './index-build.ts';
import type { IndexWork } from './index-loader.ts';
import { indexMembers } from './index-members.ts';
import {
  compareJournals,
  type IndexState,
  indexStatePath,
  type JournalState,
  journalStates,
  readIndexState,
  writeIndexState,
} from './index-state.ts';
import type { MemberStore } from './member-query.ts';
import { recordMembers } from './record-members.ts';
import { indexFolder, type StateFolder, workParent } from './state-folder.ts';

export interface MembersOptions {
  readonly files: FileOperations;
  readonly signal?: AbortSignal;
  /** Told how many members are in the index that is being made. */
  readonly progress?: (members: number, of: number) => void;
  /** Where there is no room for an index the journals are searched as they are: slow, but what must be answered is. Else that is `full`. */
  readonly evenIfFull?: boolean;
  /** Records with fewer members are read as they are. */
  readonly indexFrom?: number;
  readonly memoryMiB?: number;
  /** Rows of a listing, and members, that are compared at once. */
  readonly rowsAtOnce?: number;
  readonly workMiB?: number;
}

/** With fewer members the journals are read in less time than an index takes to open. */
const defaultIndexFrom = 200_000;

/**
 * The current members of a section, to be searched: by the index, which is made or brought up to date first; from the journals where they are small or the state
 * folder cannot be written. Throws as `openCatalog` does, and `full` where memory or space does not suffice for the index.
 */
export async function openMembers(
  state: StateFolder,
  section: string,
  identity: Identity,
  options: MembersOptions,
): Promise<MemberStore> {
  const journals = await journalStates(state, section);
  const known = await readIndexState(state, section);
  const indexable = isUtf8Name(state.path);
  const fresh = known !== undefined && isAbout(known, identity) && compareJournals(known.journals, journals) === 'same';
  const catalog = fresh ? undefined : await openCatalog(state, section, identity);
  if (
    catalog !== undefined &&
    (!indexable || membersOf(catalog.archives.values()) < (options.indexFrom ?? defaultIndexFrom))
  ) {
    return recordMembers(catalog);
  }
  const folder = await workFolderIfAny(options.files, state);
  try {
    let index = known;
    if (catalog !== undefined) {
      if (folder === undefined) return recordMembers(catalog);
      const work: IndexWork = { ...options, state, folder };
      index = await refreshed(work, catalog, identity, journals, known);
    }
    const limits = { ...options, work: folder?.path ?? '' };
    const store = await indexMembers(state, section, index!, limits);
    return healing(store, folder, async () => {
      await forgetIndex(options.files, state, section);
      return openMembers(state, section, identity, options);
    });
  } catch (error) {
    await folder?.remove();
    if (options.evenIfFull && isStowageError(error, 'full')) {
      return recordMembers(catalog ?? (await openCatalog(state, section, identity)));
    }
    if (!isStowageError(error, 'corrupt') || error.facts.index !== true || known === undefined) throw error;
    // Damaged, or just replaced by another process.
    await forgetIndex(options.files, state, section);
    return openMembers(state, section, identity, options);
  }
}

/** Takes the index away that turned out not to fit, so that the next search makes it anew. */
export async function forgetIndex(files: FileOperations, state: StateFolder, section: string): Promise<void> {
  await files.unlink(indexStatePath(state, section)).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}

function isAbout(index: IndexState, { root, store }: Identity): boolean {
  return index.root === root && index.store === store;
}

function membersOf(records: Iterable<ArchiveRecord>): number {
  let members = 0;
  for (const { head } of records) members += head.members;
  return members;
}

/** Undefined where the state folder cannot be written: an index that is there can be read all the same. */
async function workFolderIfAny(files: FileOperations, state: StateFolder): Promise<ScratchFolder | undefined> {
  try {
    const parent = workParent(state);
    await makeFolder(files, parent);
    return await scratchFolder(files, parent, workFolder);
  } catch (error) {
    if (isStowageError(error, 'unavailable', 'exists') || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** That a file is damaged may be seen only when it is searched: if nothing was told before, another index is made and asked. */
function healing(first: MemberStore, folder: ScratchFolder | undefined, anew: () => Promise<MemberStore>): MemberStore {
  let store = first;
  const close = async (): Promise<void> => {
    await store.close();
    if (store === first) await folder?.remove();
  };
  /** Throws the error on unless it was the first index that could not be used. */
  const replaced = async (error: unknown): Promise<void> => {
    if (!isStowageError(error, 'corrupt') || error.facts.index !== true || store !== first) throw error;
    await close();
    store = await anew();
  };
  async function* asked<Answer>(ask: (of: MemberStore) => AsyncGenerator<Answer>): AsyncGenerator<Answer> {
    let told = false;
    try {
      for await (const answer of ask(store)) {
        told = true;
        yield answer;
      }
    } catch (error) {
      await replaced(error);
      if (told) throw error;
      yield* ask(store);
    }
  }
  return {
    members: (query) => asked((of) => of.members(query)),
    folders: () => asked((of) => of.folders()),
    onDisk: (listing, below) => asked((of) => of.onDisk(listing, below)),
    async archivesBelow(paths) {
      try {
        return await store.archivesBelow(paths);
      } catch (error) {
        await replaced(error);
        return store.archivesBelow(paths);
      }
    },
    shared: () => asked((of) => of.shared()),
    close,
  };
}

/** An index of the catalog as it is: what is known is kept if little has changed. */
async function refreshed(
  work: IndexWork,
  catalog: Catalog,
  identity: Identity,
  journals: readonly JournalState[],
  known: IndexState | undefined,
): Promise<IndexState> {
  const { root, store } = identity;
  const facts = { kind: 'index', format: 3, root, store, journals } as const;
  const grown =
    known !== undefined && isAbout(known, identity) && compareJournals(known.journals, journals) === 'grown';
  let index = grown ? await extended(work, catalog, known) : undefined;
  index ??= { base: await buildIndexFile(work, catalog, [...catalog.archives.values()], 1, []) };
  const whole: IndexState = { ...facts, ...index };
  await writeIndexState(work.files, work.state, catalog.section, whole);
  await removeOldIndexFiles(work, catalog.section, whole);
  return whole;
}

/** Undefined if so much has changed that it is better made anew, or if the base cannot be read. */
async function extended(
  work: IndexWork,
  catalog: Catalog,
  known: IndexState,
): Promise<Pick<IndexState, 'base' | 'delta'> | undefined> {
  const { base, delta } = known;
  const inBase = await numbered(work, catalog.section, base.name);
  const inDelta = delta === undefined ? new Map<string, number>() : await numbered(work, catalog.section, delta.name);
  if (inBase === undefined || inDelta === undefined) return undefined;
  const current = new Map([...catalog.archives.values()].map((record) => [placeOf(record), record]));
  const over = [...inBase].filter(([place]) => !current.has(place)).map(([, number]) => number);
  const added = [...current].filter(([place]) => !inBase.has(place)).map(([, record]) => record);
  const quarter = base.members / 4;
  const kept = membersOf(current.values()) - membersOf(added);
  if (membersOf(added) > quarter || base.members - kept > quarter) return undefined;
  if (added.length === 0 && over.length === 0) return { base };
  const sameAdded = added.length === inDelta.size && added.every((record) => inDelta.has(placeOf(record)));
  // What the base lacks grows with each archive that is over: the same archives added mean the same ones over.
  if (delta !== undefined && sameAdded && added.length > 0) return { base, delta };
  const first = Math.max(0, ...inBase.values()) + 1;
  return { base, delta: await buildIndexFile(work, catalog, added, first, over) };
}

function placeOf({ head }: ArchiveRecord): string {
  return `${head.lines.run} ${head.lines.offset}`;
}

/** The archives of a database file by their places; undefined if it cannot be read. */
async function numbered(
  work: IndexWork,
  section: string,
  name: string,
): Promise<ReadonlyMap<string, number> | undefined> {
  const found = new Map<string, number>();
  const database = await openDatabase('', { ...work, work: work.folder.path });
  try {
    await database.run(`ATTACH ${sqlText(`${indexFolder(work.state, section)}/${name}`)} AS part (READ_ONLY)`);
    for await (const batch of database.rows('SELECT run, place, number FROM part.archives')) {
      for (const [run, place, number] of batch) found.set(`${run} ${place}`, Number(number));
    }
    return found;
  } catch (error) {
    if (isStowageError(error, 'corrupt', 'unavailable')) return undefined;
    throw error;
  } finally {
    database.close();
  }
}
