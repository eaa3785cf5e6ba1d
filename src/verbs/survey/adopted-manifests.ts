import { openCatalog } from '../../catalog/catalog.ts';
import { type JournalWriter, journalWriter } from '../../catalog/journal-writer.ts';
import { newRunName } from '../../catalog/state-folder.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { StoredObject } from '../../store/store.ts';
import { objectFacts } from '../object-facts.ts';
import { identityOf, type Project } from '../project.ts';
import type { ManifestPlace } from './manifest-place.ts';
import type { WorkPlace } from './work-place.ts';

/** Manifests that were read from the objects themselves, kept on disk: there may be as many of them as archives. */
export interface AdoptedManifests {
  add(manifest: Manifest, object: StoredObject): Promise<void>;
  /** Where each of them can be read now. */
  end(): Promise<ReadonlyMap<StoreKey, ManifestPlace>>;
}

/** Keeps them as a journal in a state folder of its own, in the work place: they are read as all others are. */
export function adoptedManifests(project: Project, section: string, work: WorkPlace): AdoptedManifests {
  let writer: JournalWriter | undefined;
  const stateOf = async () => ({ path: `${await work.folder()}/adopted` });
  const begin = async () => {
    const now = project.clock.now();
    const run = newRunName(now, project.random(4), []);
    const at = now.toISOString();
    return journalWriter(project.files, await stateOf(), {
      kind: 'run',
      format: 1,
      run,
      verb: 'archive',
      section,
      ...identityOf(project),
      at,
      stowage: project.version,
    });
  };
  return {
    async add(manifest, object) {
      writer ??= await begin();
      const token = object.key;
      await writer.addManifest(token, manifest);
      const at = project.clock.now().toISOString();
      await writer.add({ kind: 'recorded', token, ...objectFacts(object), level: 'listed', at });
    },
    async end() {
      if (writer === undefined) return new Map();
      await writer.commit();
      await writer.close();
      const state = await stateOf();
      const { archives } = await openCatalog(state, section, identityOf(project));
      return new Map([...archives].map(([key, { head }]) => [key, { state, head }]));
    },
  };
}
