import { isSameObject } from '../../catalog/archive-record.ts';
import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { ownPrefix } from '../../model/store-key.ts';
import type { Event } from '../events.ts';
import { objectFacts } from '../object-facts.ts';
import { identityOf, ownsKey, type Project } from '../project.ts';
import type { RunJournal } from '../run-journal.ts';

/**
 * Finishes what killed runs left of this section: an object that was published and not recorded is recorded, what was written
 * and not published is removed from the store. Returns the record as it is then. Needs the section's lock: another run's work would look the same.
 */
export async function* heal(project: Project, section: string, journal: RunJournal): AsyncGenerator<Event, Catalog> {
  const catalog = await openCatalog(project.state, section, identityOf(project));
  for (const pending of catalog.pending) {
    const object = await project.store.stat(pending.key);
    const writer = await journal.open();
    if (object !== undefined && isSameObject(pending, object)) {
      // Seen under its name is not yet durable under it: the killed run may not have come so far. Asking again is.
      if (object.version === pending.version) {
        const { key, token } = pending;
        for await (const _ of project.store.publish([{ key, token, object }]));
      }
      const at = project.clock.now().toISOString();
      // With its manifest, so that this journal stands for itself should the other be lost or damaged.
      await writer.addManifest(pending.token, await catalog.manifestOf(pending));
      await writer.add({ kind: 'recorded', token: pending.token, ...objectFacts(object), level: 'size', at });
      await writer.commit();
      yield { kind: 'healed', archive: pending.key, run: writer.run };
    } else {
      await writer.add({ kind: 'discarded', token: pending.token, key: pending.key });
      await writer.commit();
    }
  }
  for await (const written of project.store.debris()) {
    if (ownsKey(project, section, written.key) || isJournalCopy(written.key, catalog))
      await project.store.discard(written);
  }
  return catalog.pending.length === 0 ? catalog : openCatalog(project.state, section, identityOf(project));
}

function isJournalCopy(key: string, catalog: Catalog): boolean {
  return catalog.runNames.some((run) => key === journalKey(run));
}

/** Where the store has the copy of a run's journal. */
export function journalKey(run: string): string {
  return `${ownPrefix}${run}.jsonl`;
}
