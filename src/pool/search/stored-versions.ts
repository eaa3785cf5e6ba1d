import { displayName, nameFromJson } from '../../model/byte-name.ts';
import { isSameTime } from '../../model/compare-members.ts';
import { earlierName } from '../staging/keep-earlier.ts';
import { type StoredDisc, type StoredRecord, storedRecords } from '../stored/stored-record.ts';
import type { DayEntry, StoredPlaces } from './day-entry.ts';
import type { DiscShelf } from './disc-shelf.ts';

/** What was stored under one name on a day. */
export interface StoredVersions {
  /** What the name stands for now. */
  readonly newest: DayEntry;
  /** Each file that a store has had under it, the oldest first, `newest` among them. A disc shows the newest alone. */
  readonly all: readonly DayEntry[];
}

/** What of a day is stored, by peer and path; where there are several records of a file the newest counts. */
export async function storedEntries(
  stateDir: string,
  day: string,
  shelf: DiscShelf,
): Promise<ReadonlyMap<string, ReadonlyMap<string, StoredVersions>>> {
  const peers = new Map<string, Map<string, StoredVersions>>();
  for (const record of await storedRecords(stateDir, day)) {
    for (const [whole, member] of record.members) {
      const { mtimeNs, mode, type, bytes, target, sha256 } = member;
      const [peer, ...rest] = whole.split('/');
      const path = rest.join('/');
      if (path === '') continue;
      const entries = peers.get(peer!) ?? new Map<string, StoredVersions>();
      peers.set(peer!, entries);
      const { newest: before, all = [] } = entries.get(path) ?? {};
      const isSame = before !== undefined && before.sha256 === sha256 && before.bytes === bytes && before.type === type;
      const facts: DayEntry = {
        ...{ path, type, bytes, mtimeNs, mode },
        ...(target === undefined ? {} : { target }),
        ...(sha256 === undefined ? {} : { sha256 }),
      };
      const stored = await placesOf(record, isSame ? before.stored : undefined, shelf);
      // What cannot be read has to be fetched by other means: rather an older one.
      const isOut = !isReadable(stored) && before !== undefined && isReadable(before.stored);
      entries.set(path, { newest: isOut ? before : { ...facts, stored }, all: withVersion(all, facts, record) });
    }
  }
  return peers;
}

/**
 * What stores have of a peer's day beside what its names stand for: files that were stored, purged, and came anew under the same name. Each has a further name, as the staging gives to what it keeps,
 * that nothing else has.
 */
export function earlierEntries(
  entries: ReadonlyMap<string, DayEntry>,
  stored: ReadonlyMap<string, StoredVersions> | undefined,
): readonly DayEntry[] {
  const found: DayEntry[] = [];
  for (const [of, { all }] of stored ?? []) {
    const current = entries.get(of);
    if (current === undefined || all.every((one) => isSameFile(one, current))) continue;
    const nameOf = (number: number) => earlierName(of, number);
    // What was kept beside it when it was staged has such a name already.
    const named = [current];
    for (let number = 1; entries.has(nameOf(number)); number += 1) named.push(entries.get(nameOf(number))!);
    for (const version of all) {
      if (named.some((one) => isSameFile(one, version))) continue;
      const path = nameOf(named.length);
      named.push(version);
      found.push({ ...version, path, earlierOf: of });
    }
  }
  return found;
}

function withVersion(all: readonly DayEntry[], facts: DayEntry, record: StoredRecord): readonly DayEntry[] {
  const { archives } = record;
  if (archives === undefined || facts.type !== 'file' || all.some((one) => isSameFile(one, facts))) return all;
  return [...all, { ...facts, stored: { place: archives.location, archives } }];
}

function isSameFile(one: DayEntry, other: DayEntry): boolean {
  if (one.type !== other.type || one.bytes !== other.bytes) return false;
  if (one.sha256 !== undefined && other.sha256 !== undefined) return one.sha256 === other.sha256;
  return one.mtimeNs !== undefined && other.mtimeNs !== undefined && isSameTime(one.mtimeNs, other.mtimeNs);
}

function isReadable(stored: StoredPlaces | undefined): boolean {
  return stored?.disc !== undefined || stored?.archives !== undefined;
}

/** Where a file is by a record, and by earlier ones of the same file. */
async function placesOf(
  record: Pick<StoredRecord, 'place' | 'disc' | 'archives'>,
  before: StoredPlaces | undefined,
  shelf: DiscShelf,
): Promise<StoredPlaces> {
  const disc = record.disc ?? before?.disc;
  const archives = record.archives ?? before?.archives;
  const readable = [
    ...(disc === undefined ? [] : [await placeOf(disc, shelf)]),
    ...(archives === undefined ? [] : [archives.location]),
  ];
  const place = readable.length === 0 ? record.place : readable.join('; ');
  return { place, ...(disc === undefined ? {} : { disc }), ...(archives === undefined ? {} : { archives }) };
}

/** Which disc it is and where it is now. */
async function placeOf(disc: StoredDisc, shelf: DiscShelf): Promise<string> {
  const place = await shelf.find(disc);
  return place === undefined
    ? `${disc.label}, not at hand; written in ${displayName(nameFromJson(disc.target))}`
    : `${disc.label} in ${displayName(place)}`;
}
