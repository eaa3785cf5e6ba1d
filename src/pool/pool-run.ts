import type { FileOperations } from '../durable/file-operations.ts';
import { realFiles } from '../durable/real-files.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { OpenDayArchives } from './archives/day-archives.ts';
import type { PoolConfiguration } from './configuration/pool-configuration.ts';

/** What every action is given. */
export interface PoolRun {
  readonly configuration: PoolConfiguration;
  /** As on the first day of the week: everything is collected, and anew. */
  readonly full: boolean;
  /** What day it is; local time, as in Cedar Backup. An action asks once, when it begins. */
  readonly clock: Clock;
  readonly files: FileOperations;
  /** Where Stowage remembers what it did: manifests, baselines. */
  readonly stateDir: string;
  readonly signal?: AbortSignal;
  /** How the store of the section store is opened; without it days go to discs alone. */
  readonly openArchives?: OpenDayArchives;
  /** Told what a store has to say meanwhile: that it is waited for, and why. */
  readonly tell?: (text: string) => void;
}

/** What a run needs if nothing else is said: this disk, this clock, the state beside Cedar Backup's own. */
export function poolRun(configuration: PoolConfiguration, changes: Partial<PoolRun> = {}): PoolRun {
  return {
    configuration,
    full: false,
    clock: systemClock,
    files: realFiles,
    stateDir: defaultStateDir(configuration),
    ...changes,
  };
}

/** Where the state of a pool lies if nothing else is said: in the working directory, where Cedar Backup has its own. */
export function defaultStateDir(configuration: PoolConfiguration): string {
  return `${configuration.options.workingDir.replace(/\/+$/, '')}/.stowage`;
}
