import { recordedSections } from '../catalog/state-folder.ts';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { archivesPlace } from '../pool/archives/open-archives.ts';
import { inspectPool } from '../pool/open-pool.ts';
import { poolRun } from '../pool/pool-run.ts';
import { type Project, projectOf } from '../verbs/project.ts';
import { daysConfiguration } from './days-configuration.ts';
import { openedStore } from './opened-store.ts';

/**
 * What is recorded of a pool's days in its store, as a project whose record can be asked: each day is a section, each peer a directory in it. Touches neither store nor record. `state`: as `pool --state`. Throws `configuration` for a configuration
 * that cannot be used, and for one whose days go to discs alone.
 */
export async function daysProject(
  path: string,
  { state, tell }: { readonly state?: string | undefined; readonly tell: (text: string) => void },
): Promise<Project> {
  const { configuration, problems } = await inspectPool(path);
  if (configuration === undefined) {
    throw new StowageError('configuration', `'${displayName(path)}' cannot be used`, {
      hint: `stowage pool check '${displayName(path)}' says what is wrong`,
      facts: { problems },
    });
  }
  const run = poolRun(configuration, { tell, ...(state === undefined ? {} : { stateDir: state }) });
  const place = archivesPlace(run);
  if (place === undefined) {
    throw new StowageError('configuration', `'${displayName(path)}' has no store for its days`, {
      hint: `stowage pool list '${displayName(path)}' NAME says which day and disc hold a file`,
    });
  }
  const reached = { ...place, settings: configuration.store?.targetSettings ?? {} };
  const { store, state: record } = await openedStore(reached, run);
  const days = (await recordedSections(record)).map((day) => [day, undefined] as const);
  const named = { ...daysConfiguration(reached, new Map(days)), name: path };
  const pool = state === undefined ? {} : { state };
  return projectOf({ configuration: named, store, state: record, warnings: [] }, { files: run.files, pool });
}
