import type { Catalog } from '../../catalog/catalog.ts';
import type { FoldedRun } from '../../catalog/fold.ts';
import { wholeLines } from '../../catalog/journal-lines.ts';
import { journalPath } from '../../catalog/state-folder.ts';
import { storeKey } from '../../model/store-key.ts';
import type { Written } from '../../store/store.ts';
import { type Project, signalOf, type VerbOptions } from '../project.ts';
import { journalKey } from './heal.ts';

/**
 * Puts a copy of each ended journal that records archives into the store, where it is not there yet: that of `thisRun`, and
 * those of earlier runs that were killed. From these copies alone the catalog can be made anew. Nobody may write to them any more.
 */
export async function copyJournals(
  project: Project,
  catalog: Catalog,
  thisRun: string | undefined,
  options: VerbOptions,
): Promise<void> {
  // An archive run without an end was killed, for we hold the lock; a run of another verb may be at work.
  const isOver = (run: FoldedRun) => run.record.verb === 'archive' || run.endedAt !== undefined;
  const earlier = catalog.runs.filter((run) => run.hasManifests && isOver(run)).map((run) => run.record.run);
  const written: Written[] = [];
  for (const run of new Set([...earlier, ...(thisRun === undefined ? [] : [thisRun])])) {
    const key = storeKey(journalKey(run));
    if ((await project.store.stat(key)) !== undefined) continue;
    const lines = wholeLines(journalPath(project.state, catalog.section, run));
    written.push(await project.store.write(key, lines, signalOf(options)));
  }
  if (written.length > 0) for await (const _ of project.store.publish(written));
}
