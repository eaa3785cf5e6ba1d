import type { FileOperations } from '../../durable/file-operations.ts';
import type { Clock } from '../../model/clock.ts';
import type { Diagnosis, ScratchStore, StoreExamination } from '../../store/examination.ts';
import type { Opened } from '../project.ts';
import type { Machine } from './machine.ts';
import type { Place } from './place.ts';

/** One thing that is examined; a file each. What it throws counts as not looked at. */
export interface Check {
  readonly name: string;
  /** Yields nothing where there is nothing to look at: no configuration, no place that can be written. */
  examine(patient: Patient): AsyncIterable<Diagnosis>;
}

/** What is examined: this machine and, if there is a configuration, what it leads to. */
export interface Patient {
  readonly machine: Machine;
  readonly files: FileOperations;
  readonly clock: Clock;
  /** Makes the names in a folder durable; false if its file system has no such thing. */
  readonly syncsFolder: (path: string) => Promise<boolean>;
  /** Absent without a configuration, and with one that cannot be used. */
  readonly project: (Opened & { readonly examination: StoreExamination }) | undefined;
  /** The folders that Stowage writes to. */
  readonly places: readonly Place[];
  /** The store to try things in, made once; undefined without a configuration and where it cannot be made: `writable` tells why. */
  scratchStore(): Promise<ScratchStore | undefined>;
  readonly signal: AbortSignal | undefined;
}

/** All is well. */
export function ok(found: string): Diagnosis {
  return { outcome: 'ok', found };
}

/** It works, and there is something to know. */
export function warning(found: string, advice: string): Diagnosis {
  return { outcome: 'warning', found, advice };
}

/** It does not work. */
export function problem(found: string, advice: string): Diagnosis {
  return { outcome: 'problem', found, advice };
}

/** Nobody knows whether it works. */
export function unseen(found: string, advice?: string): Diagnosis {
  return { outcome: 'unseen', found, ...(advice === undefined ? {} : { advice }) };
}
