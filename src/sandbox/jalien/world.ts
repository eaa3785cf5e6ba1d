import type { Catalogue } from './catalogue.ts';
import type { Authority } from './trust/authority.ts';

/** A storage element, as the catalogue knows it. */
export interface StorageElement {
  /** `VO::SITE::NAME`. */
  readonly name: string;
  readonly number: number;
  /** `root://127.0.0.1:21094/`: PFNs are this, the storage path and the place of the GUID. */
  readonly endpoint: string;
  /** Begins with a slash: `/jse`. */
  readonly storagePath: string;
  readonly qos: readonly string[];
  /** The folder of this machine that it serves: then the server can read what lies there, for `cat`, `grep` and JDLs. */
  readonly folder?: string;
}

/** A write that was allowed and is not committed yet. */
export interface Booking {
  readonly lfn: string;
  readonly guid: string;
  readonly se: string;
  readonly pfn: string;
  readonly size: number;
  readonly md5: string;
  readonly user: string;
  readonly expiresMs: number;
  readonly jobid?: string;
}

/** A job, as far as the sandbox has one: it never runs. */
export interface Job {
  readonly id: number;
  readonly owner: string;
  readonly status: string;
  readonly jdl: string;
  readonly name: string;
  readonly trace: readonly string[];
}

/** One booking for each replica. */
export function bookingKey(guid: string | undefined, se: string | undefined): string {
  return `${guid} ${se}`;
}

/** Everything that all sessions share. */
export interface World {
  readonly organisation: string;
  readonly catalogue: Catalogue;
  readonly elements: readonly StorageElement[];
  /** By GUID and SE, as `bookingKey` writes them. */
  readonly bookings: ReadonlyMap<string, Booking>;
  readonly book: (booking: Booking) => void;
  readonly unbook: (key: string) => void;
  readonly jobs: ReadonlyMap<number, Job>;
  /** Puts a job in the place of the one of its number. */
  readonly putJob: (job: Job) => void;
  readonly quotas: Quotas;
  readonly authority: Authority;
  /** Which users there are, and whose name each may take. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newGuid: () => string;
  /** The site that a session is at before it says another. */
  readonly site: string;
  /** True if `stat` tells `lfn`, as newer servers do and as the original client needs it. */
  readonly statHasLfn: boolean;
  readonly commandNames: readonly string[];
}

/** By user: what may be held and run. Nobody has any unless the sandbox is told so. */
export interface Quotas {
  readonly files: ReadonlyMap<string, { readonly maxFiles: number; readonly maxSize: number }>;
  readonly jobs: ReadonlyMap<string, { readonly maxJobs: number }>;
}

/** What the server remembers of one connection. */
export interface Session {
  readonly user: string;
  readonly certificate: { readonly subject: string; readonly expiresMs: number };
  readonly from: string;
  home: string;
  role: string;
  cwd: string;
  site: string;
  timing: boolean;
}

/** The home directory of a user. */
export function homeOf(organisation: string, user: string): string {
  return `${organisation}/user/${user.slice(0, 1)}/${user}`;
}
