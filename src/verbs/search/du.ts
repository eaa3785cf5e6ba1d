import type { MemberStore } from '../../catalog/member-query.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { printableWord } from '../../model/printable-word.ts';
import { parentOf } from '../../model/relative-path.ts';
import type { CompleteListing } from '../../shards/listing-file.ts';
import type { Event } from '../events.ts';
import { holdListing, newestListing } from '../listing/scan-folder.ts';
import { type Project, sectionOf, type VerbOptions } from '../project.ts';
import { originalPlaces } from '../restore/original-places.ts';
import { sectionMembers } from './find.ts';
import { comparedBelow, usageBelow } from './folder-sums.ts';
import { archivedPath, nothingArchived } from './ls.ts';
import type { ComparedUsage } from './search-event.ts';

export interface UsageOptions extends VerbOptions {
  readonly path?: string;
  /** How many levels of directories below the path are told. */
  readonly depth: number;
}

/** From so many entries of a listing on they are compared out of core. */
const manyEntries = 200_000;

/**
 * How many files and bytes archives hold below a directory and below those in it, sorted by path, the directory itself last; and, where the section has a listing, what
 * of it is archived and what is not. Neither disk nor store is looked at. Throws `missing` if there is nothing.
 */
export async function* du(project: Project, name: string, options: UsageOptions): AsyncGenerator<Event> {
  const section = sectionOf(project, name).name;
  const path = archivedPath(project, section, options.path);
  const listing = await listingOf(project, section);
  const release = listing === undefined ? undefined : await holdListing(project, listing.folder);
  try {
    yield listing === undefined ? { kind: 'no-listing', section } : { kind: 'listing-used', section, listing };
    const usage = await usageOf(project, section, path, listing, options);
    for (const one of [...usage.slice(1), usage[0]!]) yield { kind: 'usage', section, usage: one };
  } finally {
    await release?.();
  }
}

/** The section's newest listing, if it is one of its present disks. */
async function listingOf(project: Project, section: string): Promise<CompleteListing | undefined> {
  const listing = await newestListing(project, section);
  const { roots } = originalPlaces(project, section);
  return listing?.roots.every((root) => roots.includes(root)) ? listing : undefined;
}

async function usageOf(
  project: Project,
  section: string,
  path: string,
  listing: CompleteListing | undefined,
  options: UsageOptions,
): Promise<readonly ComparedUsage[]> {
  const rows = listing?.shards.reduce((sum, shard) => sum + shard.rows, 0) ?? 0;
  const members = await sectionMembers(project, section, { ...options, indexed: rows >= manyEntries });
  try {
    const usage =
      listing === undefined
        ? await usageBelow(members.folders(), path, options.depth)
        : await comparedBelow(members.folders(), members.onDisk(listing, path), path, options.depth);
    if (usage === undefined)
      throw (await isFile(members, path))
        ? noDirectory(section, path)
        : await nothingArchived(project, members, section, path);
    return usage;
  } finally {
    await members.close();
  }
}

async function isFile(members: MemberStore, path: string): Promise<boolean> {
  for await (const _ of members.members({ below: parentOf(path), direct: true, fits: (one) => one === path }))
    return true;
  return false;
}

function noDirectory(section: string, path: string): StowageError {
  return new StowageError('usage', `'${displayName(path)}' is no directory: du adds up what lies below one`, {
    hint: `stowage ls CONFIG ${printableWord(section)} ${printableWord(path)} --long shows the file`,
  });
}
