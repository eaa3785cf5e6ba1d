import { randomBytes } from 'node:crypto';
import type { Identity } from '../catalog/catalog.ts';
import type { StateFolder } from '../catalog/state-folder.ts';
import type { FileOperations } from '../durable/file-operations.ts';
import { realFiles } from '../durable/real-files.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import { ownPrefix } from '../model/store-key.ts';
import type { Configuration } from '../rules/configuration.ts';
import type { Problem } from '../rules/problem.ts';
import type { Section } from '../rules/section.ts';
import { sectionOf as sectionIn } from '../rules/section-rules.ts';
import type { Store } from '../store/store.ts';
import type { Crew } from '../threads/crew.ts';
import { version } from '../version.ts';

/** Everything a verb works with: what is wanted, where it goes, and what is remembered. */
export interface Project {
  readonly configuration: Configuration;
  readonly store: Store;
  readonly state: StateFolder;
  /** What is doubtful about the configuration and stops nothing. */
  readonly warnings: readonly Problem[];
  readonly files: FileOperations;
  readonly clock: Clock;
  /** Random bytes for names of runs. */
  readonly random: (length: number) => Uint8Array;
  /** Stowage's own version, for the record. */
  readonly version: string;
  /** These are the days of a pool, by its configuration: `stowage pool` restores them. With the state of the pool, where it was named. */
  readonly pool?: { readonly state?: string };
}

/** What a configuration leads to. */
export type Opened = Pick<Project, 'configuration' | 'store' | 'state' | 'warnings'>;

/** A project on this machine: its files, its clock. `parts` are for tests. */
export function projectOf(opened: Opened, parts: Partial<Project> = {}): Project {
  return { ...opened, files: realFiles, clock: systemClock, random: randomBytes, version, ...parts };
}

/** How a verb is told to stop, and whom it tells how far it is. */
export interface VerbOptions {
  /** Abort now. */
  readonly signal?: AbortSignal;
  /** Start nothing new. */
  readonly stop?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** The threads of this run, for whatever can be done in threads; they stay open. */
  readonly crew?: Crew;
}

/** How far a verb is. Bytes are content, not tar overhead. */
export interface Progress {
  readonly stage: 'scan' | 'archive' | 'verify' | 'restore' | 'rebuild' | 'index';
  readonly items: number;
  readonly bytes: number;
  readonly totalItems?: number;
  readonly totalBytes?: number;
}

/** The section by its name. Throws `configuration`, with the names that there are. */
export function sectionOf(project: Project, name: string): Section {
  return sectionIn(project.configuration, name);
}

/** Which tree and store the project's records must be about. */
export function identityOf(project: Project): Identity {
  return { root: project.configuration.root, store: project.store.location };
}

/** What the keys of a section's archives begin with. */
export function keyPrefix(section: string): string {
  return `${section}/`;
}

/** True if the object belongs to this section: below its prefix and not below that of a section nested in it (`a` and `a/b`). */
export function ownsKey(project: Project, section: string, key: string): boolean {
  const prefix = keyPrefix(section);
  if (!key.startsWith(prefix) || key.startsWith(ownPrefix)) return false;
  for (const other of project.configuration.sections.keys()) {
    if (other !== section && other.startsWith(prefix) && key.startsWith(keyPrefix(other))) return false;
  }
  return true;
}

/** The option object with the signal in it, or without if there is none. */
export function signalOf(options: { readonly signal?: AbortSignal }): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
