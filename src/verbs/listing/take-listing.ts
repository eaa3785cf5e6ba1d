import { tmpdir } from 'node:os';
import { removeFlatFolder } from '../../durable/folder.ts';
import { temporaryFolder } from '../../durable/temporary-folder.ts';
import { isStowageError } from '../../errors.ts';
import { scanToShards } from '../../scan/scan-to-shards.ts';
import { type CompleteListing, writeListing } from '../../shards/listing-file.ts';
import type { Crew } from '../../threads/crew.ts';
import { type Project, signalOf, type VerbOptions } from '../project.ts';
import { letGo, newScanFolder, removeOlder } from './scan-folder.ts';

export interface TakeOptions extends VerbOptions {
  /** Who scans. Stays the caller's: it is not closed. */
  readonly crew: Crew;
}

/** A listing that was just made. */
export interface TakenListing {
  readonly listing: CompleteListing;
  /** To be called when it is not needed any more: one in a temporary folder goes then, one in the state folder when there is a newer one. Idempotent. */
  release(): Promise<void>;
}

/**
 * Scans a section's roots into a listing in the state folder, where it stays until there is a newer one. Who may not write there, or finds
 * it full, gets one in a temporary folder. Rejects as `scanToShards` does.
 */
export async function takeListing(
  project: Project,
  section: string,
  roots: readonly string[],
  options: TakeOptions,
): Promise<TakenListing> {
  const folder = await newScanFolder(project, section).catch(ifUnwritable);
  const kept =
    folder === undefined ? undefined : await keptListing(project, section, roots, folder, options).catch(ifFull);
  if (kept !== undefined) return { listing: kept, release: () => letGo(project.files, kept.folder) };
  const { path, remove } = await temporaryFolder(tmpdir());
  try {
    return { listing: await scanInto(project, section, roots, path, options), release: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function ifUnwritable(error: unknown): undefined {
  if (!isStowageError(error, 'unavailable', 'exists', 'full')) throw error;
}

function ifFull(error: unknown): undefined {
  if (!isStowageError(error, 'full')) throw error;
}

/** Scans into a folder of the state folder, and removes the listings that are older. */
export async function keptListing(
  project: Project,
  section: string,
  roots: readonly string[],
  folder: string,
  options: TakeOptions,
): Promise<CompleteListing> {
  const { files, state } = project;
  try {
    const listing = await scanInto(project, section, roots, folder, options);
    // Best effort: the listing is there, and the next one removes what stays now.
    await removeOlder(files, state, section, folder).catch(() => undefined);
    return listing;
  } catch (error) {
    await removeFlatFolder(files, folder).catch(() => undefined);
    throw error;
  }
}

async function scanInto(
  project: Project,
  section: string,
  roots: readonly string[],
  folder: string,
  options: TakeOptions,
): Promise<CompleteListing> {
  const { files, clock } = project;
  const begunAt = clock.now().toISOString();
  const done = await scanToShards(roots, folder, {
    crew: options.crew,
    files,
    ...signalOf(options),
    progress: (items) => options.progress?.({ stage: 'scan', items, bytes: 0 }),
  });
  const { shards, counts, unseen } = done;
  const endedAt = clock.now().toISOString();
  const listing: CompleteListing = {
    folder,
    section,
    source: 'scan',
    roots,
    begunAt,
    endedAt,
    resumed: false,
    shards,
    counts,
    unseen,
  };
  await writeListing(files, listing);
  return listing;
}
