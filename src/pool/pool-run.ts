import type { FileOperations } from '../durable/file-operations.ts';
import type { Clock } from '../model/clock.ts';
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
}

/** Where the state of a pool lies if nothing else is said: in the working directory, where Cedar Backup has its own. */
export function defaultStateDir(configuration: PoolConfiguration): string {
  return `${configuration.options.workingDir.replace(/\/+$/, '')}/.stowage`;
}
