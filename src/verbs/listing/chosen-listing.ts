import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type CompleteListing, readListing } from '../../shards/listing-file.ts';
import type { Project } from '../project.ts';
import { newestListing } from './scan-folder.ts';

/**
 * The complete listing in this folder, or the section's `latest`. Throws `unavailable` if there is none, `corrupt` for one that is damaged, and
 * `mismatch` for one of another section or of other roots.
 */
export async function chosenListing(
  project: Project,
  section: string,
  roots: readonly string[],
  which: string,
): Promise<CompleteListing> {
  const listing = which === 'latest' ? await newestListing(project, section) : await readListing(which);
  if (listing === undefined) {
    const what =
      which === 'latest'
        ? `section '${displayName(section)}' has no listing`
        : `'${displayName(which)}' holds no complete listing`;
    throw new StowageError('unavailable', what, { hint: 'make one: stowage scan CONFIG SECTION' });
  }
  if (listing.section !== section || listing.roots.join('\0') !== roots.join('\0')) {
    const what = `the listing '${displayName(listing.folder)}' is of another section or of other disks`;
    throw new StowageError('mismatch', what, {
      hint: 'scan this one: stowage scan CONFIG SECTION',
      facts: { section: listing.section, roots: listing.roots, wanted: roots },
    });
  }
  return listing;
}
