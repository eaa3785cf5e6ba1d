import type { Readable } from 'node:stream';
import type { FileOperations } from '../../durable/file-operations.ts';
import type { Clock } from '../../model/clock.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import type { Member } from '../../model/manifest.ts';
import type { PoolEvent } from '../pool-event.ts';

/** Which store keeps a pool's days as archives, and for which staging directory. */
export interface ArchivesPlace {
  /** The store, as a URL. */
  readonly target: string;
  /** The staging directory: paths in the archives are relative to a day in it. */
  readonly root: string;
}

/** A place, and how the store is reached: what stands beside `store` in the configuration of a project. */
export interface ReachedPlace extends ArchivesPlace {
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A day that a store is to hold. */
export interface DayToKeep {
  /** `YYYY/MM/DD`. */
  readonly day: string;
  readonly folder: string;
  /** Its files and links, by path in the folder, with the digests that are known. */
  readonly members: ReadonlyMap<string, Member>;
}

/** Which of the files that had a name is meant. */
export type WhichFile = Pick<Partial<Member>, 'bytes' | 'sha256'>;

/** What of a run the archives need. */
export interface ArchivesRun {
  readonly clock: Clock;
  readonly files: FileOperations;
  readonly stateDir: string;
  readonly signal?: AbortSignal;
  /** Told what a store has to say meanwhile: that it is waited for, and why. */
  readonly tell?: (text: string) => void;
}

/** The archives of a pool's days in one store. Nothing is looked at before it is asked for. */
export interface DayArchives {
  /** The store as it calls itself. */
  readonly location: string;
  /** Throws `unavailable` if the store cannot be reached or used. Writes nothing. */
  look(): Promise<void>;
  /**
   * Has the store hold all of a day: writes what of it is not there, checks it, publishes and records it; nothing that is there is written over. Returns what of the day, as it is staged, the store
   * was then seen to hold, by path in it, with digests. A file that has not the digest that `day` knows is not written, and its archive neither.
   */
  keep(day: DayToKeep, action: string): AsyncGenerator<PoolEvent, ReadonlyMap<string, Member>>;
  /** What a file of a day holds, compared with its recorded digest; where archives have several of the name, that of this size and digest, or else the newest. Throws `missing` where the store has it no more. */
  content(day: string, path: string, which?: WhichFile): Promise<Readable>;
  /** Compares the archives of these days with the record, as closely as asked, else as closely as wakes nothing that sleeps. What is wrong is told, and fails. */
  verify(days: readonly string[], level: EvidenceLevel | undefined): AsyncGenerator<PoolEvent>;
  /**
   * Makes the record anew from the store alone, for where it was lost; what is left of it is set aside and not deleted. Gives what the store holds of each day that it has, by path in the day: every version, the oldest first.
   */
  learn(): AsyncGenerator<PoolEvent, ReadonlyMap<string, ReadonlyMap<string, readonly Member[]>>>;
  /** Ends what is held open; nothing may be asked after that. Never rejects: what cannot be closed kindly ends with the process. */
  close(): Promise<void>;
}

/** How a run comes to them. Throws `configuration` for a store that cannot be. */
export type OpenDayArchives = (place: ReachedPlace, run: ArchivesRun) => Promise<DayArchives>;
