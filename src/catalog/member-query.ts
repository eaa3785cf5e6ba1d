import { compareNames } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import type { StoreKey } from '../model/store-key.ts';
import { escapeName } from '../shards/escaped-name.ts';
import type { StoredListing } from '../shards/stored-listing.ts';

/** From one bound to the other, both included; an absent one is none. */
export interface Range<Value> {
  readonly from?: Value;
  readonly to?: Value;
}

/** Which members are wanted. All that is given must hold. */
export interface MemberQuery {
  /** The last word about a path. */
  readonly fits?: (path: string) => boolean;
  /** Every path that fits holds one of these texts: what makes a search fast. */
  readonly holdsOneOf?: readonly string[];
  /** Below this directory; '' is the section. */
  readonly below?: string;
  /** Only what lies in `below` itself. */
  readonly direct?: boolean;
  /** Directories that archives carry, too. */
  readonly directories?: boolean;
  readonly bytes?: Range<number>;
  readonly mtimeNs?: Range<bigint>;
  readonly archives?: (key: StoreKey) => boolean;
  readonly limit?: number;
}

/** One member, where it is, and since when it has been there as it is. */
export interface FoundMember {
  readonly archive: StoreKey;
  readonly member: Member;
  readonly since: string;
}

/** What one archive holds in one folder, those below it left out. Bytes of several names of one file count once. */
export interface FolderSum {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * What a listing has in one folder, those below it left out, beside what archives hold. Everything counts but directories. Bytes of a file with several
 * names count with the first of them.
 */
export interface DiskSum {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** Of these: what an archive holds as the listing has it. */
  readonly sameFiles: number;
  readonly sameBytes: number;
  /** Of these: what archives hold, but not as the listing has it. */
  readonly changedFiles: number;
  readonly changedBytes: number;
  /** Places that could not be looked at; not among the files. */
  readonly unseen: number;
}

/** The current members of a section, to be searched. */
export interface MemberStore {
  /** What fits, sorted by the bytes of path, then of archive. Throws `corrupt` if the record cannot be read. */
  members(query: MemberQuery): AsyncGenerator<FoundMember>;
  /** What lies in each folder, by archive, unsorted: a folder comes as often as archives have something in it. */
  folders(): AsyncGenerator<FolderSum>;
  /** What a listing has in each folder below one, unsorted; '' is the section. Throws `corrupt` for a listing that is not what was written. */
  onDisk(listing: StoredListing, below: string): AsyncGenerator<DiskSum>;
  /** For each of these paths, which archives hold it or something below it; '' is all of them. */
  archivesBelow(paths: readonly string[]): Promise<readonly ReadonlySet<StoreKey>[]>;
  /** The paths that several archives hold, each with the keys of all of them, unsorted. Directories do not count. */
  shared(): AsyncGenerator<readonly [path: string, archives: readonly StoreKey[]]>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** True if a member is wanted; of its archive nothing is asked. */
export function isWanted(query: MemberQuery, member: Member): boolean {
  if (member.type === 'directory' && query.directories !== true) return false;
  if (!inRange(member.bytes, query.bytes) || !inRange(member.mtimeNs, query.mtimeNs)) return false;
  const { below = '' } = query;
  if (below !== '' && !member.path.startsWith(`${below}/`)) return false;
  if (query.direct === true && member.path.includes('/', below === '' ? 0 : below.length + 1)) return false;
  return query.fits === undefined || query.fits(member.path);
}

/** The order of what is found. */
export function inOrder(a: FoundMember, b: FoundMember): number {
  const byPath = compareNames(a.member.path, b.member.path);
  return byPath === 0 ? Buffer.compare(Buffer.from(escapeName(a.archive)), Buffer.from(escapeName(b.archive))) : byPath;
}

function inRange<Value extends number | bigint>(value: Value, range: Range<Value> | undefined): boolean {
  if (range === undefined) return true;
  return (range.from === undefined || value >= range.from) && (range.to === undefined || value <= range.to);
}
