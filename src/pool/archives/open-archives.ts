import { StowageError } from '../../errors.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import { storeOf } from '../discs/pool-disc.ts';
import type { PoolRun } from '../pool-run.ts';
import type { ArchivesPlace, DayArchives } from './day-archives.ts';

/** The place that the section store names; undefined if days go to a disc alone. */
export function archivesPlace({ configuration }: Pick<PoolRun, 'configuration'>): ArchivesPlace | undefined {
  const { target, sourceDir } = storeOf(configuration);
  return target === undefined ? undefined : { target, root: withoutSlash(sourceDir) };
}

/** Opens a place; nothing is looked at yet. Throws `configuration` for a store that cannot be, and in a run that was given no stores. */
export async function openArchives(run: PoolRun, place: ArchivesPlace): Promise<DayArchives> {
  const settings = run.configuration.store?.targetSettings ?? {};
  if (run.openArchives !== undefined) return run.openArchives({ ...place, settings }, run);
  throw new StowageError('configuration', `this run cannot open the store '${place.target}'`, {
    hint: 'give it openArchives',
  });
}

/** Places that are opened as they are asked for, each once. */
export interface OpenedPlaces {
  open(place: ArchivesPlace): Promise<DayArchives>;
  /** Closes all of them. */
  close(): Promise<void>;
}

/** No place is open yet. */
export function openedOnce(run: PoolRun): OpenedPlaces {
  const opened = new Map<string, Promise<DayArchives>>();
  return {
    open({ target, root }) {
      const key = `${target}\n${root}`;
      if (!opened.has(key)) opened.set(key, openArchives(run, { target, root }));
      return opened.get(key)!;
    },
    async close() {
      for (const one of opened.values())
        await one.then(
          (archives) => archives.close(),
          () => undefined,
        );
    },
  };
}
