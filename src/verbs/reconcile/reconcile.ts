import { openCatalog } from '../../catalog/catalog.ts';
import type { Policy } from '../../plan/plan-archive.ts';
import type { Event } from '../events.ts';
import type { ListingOptions } from '../listing/listing-options.ts';
import { doubts } from '../missing.ts';
import { identityOf, type Project, sectionOf, signalOf } from '../project.ts';
import { survey } from '../survey/survey.ts';
import { brakeForDisk, brakeForStore } from './brake.ts';
import { differencesOf } from './differences.ts';
import { inMotion } from './in-motion.ts';
import { listStore, watchedStore } from './store-listing.ts';

export interface ReconcileOptions extends Pick<ListingOptions, 'jobs' | 'signal' | 'stop' | 'progress' | 'crew'> {
  /** The share, from 0 to 1, of recorded files or archives that may have gone at once; more is not believed. */
  readonly brake: number;
}

/** How large an archive may get is asked when it is made: here all that the store lacks counts. */
const policy: Policy = { sizeLimit: Number.MAX_SAFE_INTEGER, allowShrink: false };

/**
 * Compares disk, record and store of a section both ways, and tells what one has and another lacks, a summary first. Record and store are looked at before
 * the disk and after it: what changed meanwhile is told to be in motion, and is not judged. Changes nothing. Throws `unavailable`
 * if disk or store cannot be looked at, or more than `brake` of what is recorded has gone from one of them.
 */
export async function* reconcile(project: Project, section: string, options: ReconcileOptions): AsyncGenerator<Event> {
  sectionOf(project, section);
  yield* doubts(project);
  const open = () => openCatalog(project.state, section, identityOf(project));
  // The record first: what is published and recorded from now on is seen to be in motion.
  const catalog = await open();
  const before = { catalog, listing: await listStore(project, section, signalOf(options)) };
  brakeForStore(catalog, before.listing, project.store.location, options.brake);
  const watched = watchedStore(project, section);
  // A scan that was stopped saw some of the disk before the store was listed: it must not go on.
  const looking = { ...options, catalog, rescan: true };
  const done = await survey({ ...project, store: watched.store }, section, policy, looking);
  try {
    const after = { catalog: await open(), listing: watched.listing() };
    brakeForStore(catalog, after.listing, project.store.location, options.brake);
    let gone = 0;
    for (const { finding } of done.findings()) if (finding.kind === 'gone') gone += 1;
    brakeForDisk(catalog, gone, done.roots, options.brake);
    const { tally, findings, due } = differencesOf(done, catalog, after.listing, inMotion(before, after));
    yield {
      kind: 'reconciled',
      section,
      entries: done.counts.entries,
      recorded: catalog.archives.size,
      listed: after.listing.size,
      differences: tally,
    };
    for (const one of findings()) yield { kind: 'finding', section, ...one };
    for (const plan of due) yield { kind: 'due', section, plan };
  } finally {
    await done.close();
  }
}
