import { collectListing, type Listing } from '../../shards/listing.ts';
import type { CompleteListing } from '../../shards/listing-file.ts';
import { listingRows } from '../../shards/listing-rows.ts';
import { seenSince } from '../../shards/stored-listing.ts';
import type { ListingOptions } from '../listing/listing-options.ts';
import { scanCrew } from '../listing/scan-crew.ts';
import { takeListing } from '../listing/take-listing.ts';
import type { Project } from '../project.ts';

/** Everything of a section, in memory; the listing that it comes from; and since when it may have changed: milliseconds since 1970 UTC. */
export async function listSection(
  project: Project,
  section: string,
  roots: readonly string[],
  options: ListingOptions,
): Promise<{ readonly listing: Listing; readonly scannedAt: number; readonly stored: CompleteListing }> {
  const hands = options.crew ?? scanCrew(options);
  try {
    const { listing: stored, release } = await takeListing(project, section, roots, { ...options, crew: hands });
    try {
      return { listing: collectListing(listingRows(stored), roots), scannedAt: seenSince(stored), stored };
    } finally {
      await release();
    }
  } finally {
    if (options.crew === undefined) await hands.close();
  }
}
