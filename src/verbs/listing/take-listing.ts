import { tmpdir } from 'node:os';
import { temporaryFolder } from '../../durable/temporary-folder.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { savedSize, saveScan } from '../../scan/saved-scan.ts';
import type { ScanState } from '../../scan/scan-ledger.ts';
import { type ScanToShardsOptions, scanToShards } from '../../scan/scan-to-shards.ts';
import { type CompleteListing, writeListing } from '../../shards/listing-file.ts';
import type { Crew } from '../../threads/crew.ts';
import { type Project, signalOf } from '../project.ts';
import { chosenListing } from './chosen-listing.ts';
import type { ListingOptions } from './listing-options.ts';
import {
  holdListing,
  killedScan,
  leaveUnfinished,
  letGo,
  newScanFolder,
  removeOthers,
  removeSaved,
  type ScanFolder,
} from './scan-folder.ts';

export interface TakeOptions extends ListingOptions {
  /** Who scans. Stays the caller's: it is not closed. */
  readonly crew: Crew;
  readonly limits?: ScanToShardsOptions['limits'];
}

/** A listing that is there to be read. */
export interface TakenListing {
  readonly listing: CompleteListing;
  /** To be called when it is not needed any more: one in a temporary folder goes then, one in the state folder when there is a newer one. Idempotent. */
  release(): Promise<void>;
}

/**
 * Scans a section's roots into a listing in the state folder, where it stays until there is a newer one. Who may not write there, or finds
 * it full, gets one in a temporary folder. Goes on with a scan that was killed. Or takes the listing that the options name.
 * Rejects as `scanToShards` and `chosenListing` do.
 */
export async function takeListing(
  project: Project,
  section: string,
  roots: readonly string[],
  options: TakeOptions,
): Promise<TakenListing> {
  if (options.listing !== undefined) {
    const listing = await chosenListing(project, section, roots, options.listing);
    return { listing, release: await holdListing(project, listing.folder) };
  }
  try {
    const listing = await keepListing(
      project,
      section,
      await scanFolder(project, section, roots, options),
      roots,
      options,
    );
    return { listing, release: () => letGo(project.files, listing.folder) };
  } catch (error) {
    if (!isStowageError(error) || error.facts[elsewhere] !== true) throw error;
  }
  const { path, remove } = await temporaryFolder(tmpdir());
  try {
    return {
      listing: await scanInto(project, section, roots, { folder: path, passing: true }, options),
      release: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The fact of an error that says that the listing may well be made elsewhere. */
const elsewhere = 'listingElsewhere';

/** The folder for a scan of the section: that of a killed scan which goes on, or a new one. Rejects with `unavailable`, `exists` or `full`. */
export async function scanFolder(
  project: Project,
  section: string,
  roots: readonly string[],
  { rescan }: Pick<TakeOptions, 'rescan'>,
): Promise<ScanFolder> {
  try {
    const killed = rescan ? undefined : await killedScan(project, section, roots);
    return killed ?? (await newScanFolder(project, section));
  } catch (error) {
    if (!isStowageError(error, 'unavailable', 'exists', 'full')) throw error;
    throw elsewhereInstead(error);
  }
}

/** Scans into a folder of the state folder, and removes older listings. What a failed scan leaves can go on, if it is worth it. */
export async function keepListing(
  project: Project,
  section: string,
  place: ScanFolder,
  roots: readonly string[],
  options: TakeOptions,
): Promise<CompleteListing> {
  const { files } = project;
  const { folder } = place;
  try {
    const listing = await scanInto(project, section, roots, place, options);
    // Best effort: the listing is there, and the next one removes what stays now.
    await removeSaved(files, folder).catch(() => undefined);
    await removeOthers(project, section, folder).catch(() => undefined);
    return listing;
  } catch (error) {
    const goesOn = await leaveUnfinished(files, folder);
    if (options.signal?.aborted) throw stopped(goesOn, error);
    throw isStowageError(error, 'full') && !goesOn ? elsewhereInstead(error) : error;
  }
}

function stopped(goesOn: boolean, cause: unknown): StowageError {
  const hint = goesOn ? 'run the same command again: it goes on where this scan stopped' : 'run the same command again';
  return new StowageError('interrupted', 'stopped before all was scanned', { hint, cause });
}

function elsewhereInstead({ code, message, hint, facts, cause }: StowageError): StowageError {
  return new StowageError(code, message, {
    hint: hint ?? 'choose another place for the record and the listings with --state DIR',
    facts: { ...facts, [elsewhere]: true },
    cause,
  });
}

async function scanInto(
  project: Project,
  section: string,
  roots: readonly string[],
  { folder, saved, passing }: ScanFolder & { readonly passing?: true },
  options: TakeOptions,
): Promise<CompleteListing> {
  const { files, clock } = project;
  const begunAt = saved?.begunAt ?? clock.now().toISOString();
  let savedBytes = saved === undefined ? 0 : bytesIn(saved.state);
  const save = async (state: ScanState) => {
    // What is left may be more than what was found meanwhile: saving it must not cost more than the scan.
    if (bytesIn(state) - savedBytes < 2 * savedSize(state)) return;
    await saveScan(files, folder, { section, roots, begunAt, state });
    savedBytes = bytesIn(state);
  };
  const { shards, counts, unseen } = await scanToShards(roots, folder, {
    crew: options.crew,
    files,
    ...(passing ? {} : { onShard: save }),
    ...signalOf(options),
    ...(saved === undefined ? {} : { from: saved.state }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    progress: (items) => options.progress?.({ stage: 'scan', items, bytes: 0 }),
  });
  const endedAt = clock.now().toISOString();
  const listing = { folder, section, source: 'scan' as const, roots, begunAt, endedAt, shards, counts, unseen };
  const complete = { ...listing, resumed: saved !== undefined };
  await writeListing(files, complete);
  return complete;
}

function bytesIn({ shards }: ScanState): number {
  return shards.reduce((sum, shard) => sum + shard.bytes, 0);
}
