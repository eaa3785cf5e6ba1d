import { openCatalog } from '../../catalog/catalog.ts';
import { wholeLines } from '../../catalog/journal-reader.ts';
import { journalPath } from '../../catalog/state-folder.ts';
import { storeKey } from '../../model/store-key.ts';
import { identityOf, type Project, signalOf, type VerbOptions } from '../project.ts';
import { journalKey } from './heal.ts';

/**
 * Puts a copy of each ended journal that records archives into the store, where it is not there yet: also those of runs that
 * were killed. From these copies alone the catalog can be made anew. Journals must not be written to any more.
 */
export async function copyJournals(project: Project, section: string, options: VerbOptions): Promise<void> {
  const catalog = await openCatalog(project.state, section, identityOf(project));
  for (const { record, hasManifests } of catalog.runs) {
    if (!hasManifests || record.verb !== 'archive') continue;
    const key = storeKey(journalKey(record.run));
    if ((await project.store.stat(key)) !== undefined) continue;
    const written = await project.store.write(
      key,
      wholeLines(journalPath(project.state, section, record.run)),
      signalOf(options),
    );
    for await (const _ of project.store.publish([written]));
  }
}
