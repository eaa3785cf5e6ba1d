import { collectListing, type Listing } from '../../shards/listing.ts';
import { listingRows } from '../../shards/listing-rows.ts';
import { crew } from '../../threads/crew.ts';
import { takeListing } from '../listing/take-listing.ts';
import type { Project, VerbOptions } from '../project.ts';

/** Everything of a section, in memory, and when it began to be looked at: milliseconds since 1970 UTC. */
export async function listSection(
  project: Project,
  section: string,
  roots: readonly string[],
  options: VerbOptions,
): Promise<{ readonly listing: Listing; readonly scannedAt: number }> {
  const hands = options.crew ?? crew(2);
  try {
    const { listing, release } = await takeListing(project, section, roots, { ...options, crew: hands });
    try {
      return { listing: collectListing(listingRows(listing), roots), scannedAt: Date.parse(listing.begunAt) };
    } finally {
      await release();
    }
  } finally {
    if (options.crew === undefined) await hands.close();
  }
}
