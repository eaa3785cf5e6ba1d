import { displayName } from '../../model/byte-name.ts';
import { timeForPeople } from '../../model/file-time.ts';
import type { PeerEntry } from '../peers/peer.ts';
import type { StoredArchives, StoredDisc } from '../stored/stored-record.ts';

/** A file, link or directory of a day and a peer: in the staging directory, or else where it was stored. */
export type DayEntry = PeerEntry & {
  /** Where we staged or stored it; absent where Cedar Backup did. */
  readonly sha256?: string;
  /** Where it is if it is not staged here any more. */
  readonly stored?: StoredPlaces;
  /** Of what a store has under a name that another file has now: that name. */
  readonly earlierOf?: string;
};

/** Where something is stored; of a disc which one, of a store which archives. It may be in both. */
export interface StoredPlaces {
  /** For people. */
  readonly place: string;
  readonly disc?: StoredDisc;
  readonly archives?: StoredArchives;
}

/** An entry by its name; what had a name before another file has, with its time too, so that it can be told apart. */
export function entryName({ path, earlierOf, mtimeNs }: DayEntry): string {
  const time = earlierOf === undefined || mtimeNs === undefined ? '' : `, of ${timeForPeople(mtimeNs)}`;
  return `${displayName(path)}${time}`;
}
