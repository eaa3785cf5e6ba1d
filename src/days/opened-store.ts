import { createHash } from 'node:crypto';
import type { StateFolder } from '../catalog/state-folder.ts';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { isWithin } from '../model/relative-path.ts';
import { openStore } from '../open.ts';
import type { ArchivesRun, ReachedPlace } from '../pool/archives/day-archives.ts';
import type { Store } from '../store/store.ts';
import { daysConfiguration } from './days-configuration.ts';

/**
 * The store of a place, and where the record of it lies: in a folder of its own for each store and staging directory. Looks at nothing. Throws `configuration` for a store that
 * cannot be, or that lies in the staging directory.
 */
export async function openedStore(
  place: ReachedPlace,
  { files, stateDir, tell }: ArchivesRun,
): Promise<{ readonly store: Store; readonly state: StateFolder }> {
  const { target, root } = place;
  const configuration = daysConfiguration(place, new Map());
  const parent = `${stateDir}/archives`;
  const { store, examination } = await openStore(configuration, root, { path: parent }, { files });
  if (examination.folder !== undefined && isWithin(examination.folder, root)) {
    throw new StowageError(
      'configuration',
      `the store '${target}' lies inside the staging directory '${displayName(root)}'`,
      { hint: 'choose a directory outside of it' },
    );
  }
  // What a store keeps beside its record, such as a spool, is its own too: it is opened once more with its own folder.
  const state = { path: `${parent}/${nameFor(store.location, root)}` };
  const telling =
    tell === undefined
      ? {}
      : {
          onGrid: tell,
          onHpssWait: ({ reason, seconds }: { readonly reason: string; readonly seconds: number }) =>
            tell(`${reason}; the next try comes in ${seconds} s`),
        };
  return { store: (await openStore(configuration, root, state, { files, ...telling })).store, state };
}

/** Records are about one store and one tree. */
function nameFor(location: string, root: string): string {
  return createHash('sha256').update(`${location}\n${root}`).digest('hex').slice(0, 16);
}
