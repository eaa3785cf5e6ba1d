import type { CompleteListing, EntryCounts } from '../shards/listing-file.ts';
import type { Event } from './events.ts';
import { listingFrom } from './listing/listing-from.ts';
import type { ListingOptions } from './listing/listing-options.ts';
import { scanCrew } from './listing/scan-crew.ts';
import { letGo } from './listing/scan-folder.ts';
import { sectionRoots } from './listing/section-roots.ts';
import { keepListing, scanFolder } from './listing/take-listing.ts';
import { unseenIn } from './listing/unseen-in.ts';
import { type Project, sectionOf, type VerbOptions } from './project.ts';

/** Looks at everything of a section and keeps the listing in the state folder. Goes on with a scan that was killed. Throws if it cannot be written. */
export async function* scan(
  project: Project,
  section: string,
  options: Omit<ListingOptions, 'listing'> = {},
): AsyncGenerator<Event> {
  sectionOf(project, section);
  const roots = await sectionRoots(project, section);
  const place = await scanFolder(project, section, roots, options);
  const { saved } = place;
  const before = saved === undefined ? 0 : entriesOf(saved.state.counts);
  if (saved !== undefined) yield { kind: 'scan-resumed', section, begunAt: saved.begunAt, entries: before };
  const since = project.clock.now().getTime();
  // The next piece of work lies ready in each: this thread writes meanwhile.
  const crew = scanCrew(options, { tasksInHand: 2 });
  try {
    // Asked for by itself where there is much to look at: all threads are worth their start.
    const limits = { beside: 0 };
    const listing = await keepListing(project, section, place, roots, { ...options, limits, crew });
    await letGo(project.files, listing.folder);
    const milliseconds = project.clock.now().getTime() - since;
    yield* listed(listing, { milliseconds, looked: entriesOf(listing.counts) - before });
  } finally {
    await crew.close();
  }
}

/** Keeps a list that another program made as the section's listing. Throws as `listingFrom` does. */
export async function* scanFrom(
  project: Project,
  section: string,
  chunks: AsyncIterable<Uint8Array>,
  options: VerbOptions = {},
): AsyncGenerator<Event> {
  sectionOf(project, section);
  const since = project.clock.now().getTime();
  const roots = await sectionRoots(project, section);
  const { listing, outside, looked, differences } = await listingFrom(project, section, roots, chunks, options);
  await letGo(project.files, listing.folder);
  for (const { path, what } of differences) yield { kind: 'list-differs', section, path, what };
  yield { kind: 'list-checked', section, source: listing.source, looked, differing: differences.length, outside };
  yield* listed(listing, { milliseconds: project.clock.now().getTime() - since, looked: entriesOf(listing.counts) });
}

/** A listing as events: what could not be looked at, then what it adds up to. */
export function* listed(
  listing: CompleteListing,
  pace: { readonly milliseconds: number; readonly looked: number },
): Generator<Event> {
  const { section } = listing;
  for (const { path, reason } of unseenIn(listing)) {
    yield { kind: 'finding', section, severity: 'blind', finding: { kind: 'unseen', path, reason } };
  }
  yield { kind: 'scanned', section, listing, ...pace };
}

function entriesOf({ bytes: _, ...entries }: EntryCounts): number {
  return Object.values(entries).reduce((sum, one) => sum + one, 0);
}
