import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromJson } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { openedOnce } from '../archives/open-archives.ts';
import { dayFolders, foldersIn } from '../day-folders.ts';
import { localSession } from '../peers/local-session.ts';
import type { PeerEntry } from '../peers/peer.ts';
import type { PoolRun } from '../pool-run.ts';
import { manifestPath, readManifest } from '../staging/staged-manifest.ts';
import { stagingDirOf } from '../staging/staging-dirs.ts';
import {
  type StoredArchives,
  type StoredDisc,
  type StoredRecord,
  storedDays,
  storedRecords,
} from '../stored/stored-record.ts';
import { type DiscShelf, discShelf } from './disc-shelf.ts';

/** A file, link or directory of a day and a peer: in the staging directory, or else where it was stored. */
export type DayEntry = PeerEntry & {
  /** Where we staged or stored it; absent where Cedar Backup did. */
  readonly sha256?: string;
  /** Where it is if it is not staged here any more. */
  readonly stored?: StoredPlaces;
};

/** Where something is stored; of a disc which one, of a store which archives. It may be in both. */
export interface StoredPlaces {
  /** For people. */
  readonly place: string;
  readonly disc?: StoredDisc;
  readonly archives?: StoredArchives;
}

/** What there is of a day and a peer. */
export interface StagedFolder {
  /** `YYYY/MM/DD`. */
  readonly day: string;
  readonly peer: string;
  /** By path. */
  readonly entries: ReadonlyMap<string, DayEntry>;
  /** What was recorded when it was staged; undefined where Cedar Backup did that. */
  readonly recorded: ReadonlyMap<string, Member> | undefined;
  /** What a file holds. Throws `missing`, and says which disc it is on, where that is not at hand. */
  content(path: string): Promise<Readable>;
}

export interface Where {
  /** `YYYY/MM/DD`; every day if not given. */
  readonly day?: string;
  readonly peer?: string;
  /** Where a disc is, if it is not where it was written. */
  readonly medium?: string;
}

/**
 * Every day and peer that is staged here or was stored by us, the newest day first. What was recorded as staged and is not there any more is left out, unless it was stored:
 * then it is that.
 */
export async function* stagedFolders(run: PoolRun, where: Where): AsyncGenerator<StagedFolder> {
  const staging = stagingDirOf(run.configuration);
  const shelf = discShelf(run, where.medium);
  const stores = openedOnce(run);
  const staged = await dayFolders(staging);
  const days = [...new Set([...staged, ...(await storedDays(run.stateDir))])].sort().reverse();
  try {
    for (const day of days) {
      if (where.day !== undefined && where.day !== day) continue;
      const stored = await storedEntries(run, day, shelf);
      const peers = staged.includes(day) ? await foldersIn(`${staging}/${day}`, /^[A-Za-z0-9_]/) : [];
      for (const peer of [...new Set([...peers, ...stored.keys()])].sort()) {
        if (peer.startsWith('cback.') || (where.peer !== undefined && where.peer !== peer)) continue;
        const path = `${staging}/${day}/${peer}`;
        const entries = new Map<string, DayEntry>(stored.get(peer) ?? []);
        const listed = peers.includes(peer) ? await localSession(run.files, peer, path).list() : new Map();
        const isAnything = listed.size > 0 || entries.size > 0;
        const known = isAnything ? (await readManifest(manifestPath(run.stateDir, day, peer)))?.members : undefined;
        for (const [at, one] of listed) {
          const { sha256 } = known?.get(at) ?? {};
          entries.set(at, sha256 === undefined ? one : { ...one, sha256 });
        }
        const content = async (at: string): Promise<Readable> => {
          const { stored: there } = entries.get(at) ?? {};
          const { disc, archives } = there ?? {};
          // A disc that lies here is nearer than a store.
          if (disc !== undefined && (archives === undefined || (await shelf.find(disc)) !== undefined))
            return shelf.content(disc, `${day}/${peer}/${at}`);
          if (archives !== undefined) return (await stores.open(archives)).content(day, `${peer}/${at}`);
          if (there === undefined) return createReadStream(fsPath(`${path}/${at}`), { highWaterMark: 1024 * 1024 });
          throw new StowageError(
            'missing',
            `'${displayName(at)}' of ${day} is only in [${displayName(there.place)}] now`,
          );
        };
        yield { day, peer, entries, recorded: known, content };
      }
    }
  } finally {
    await stores.close();
  }
}

/** What of a day is stored, by peer and path; where there are several records of a file the newest counts. */
async function storedEntries(
  { stateDir }: PoolRun,
  day: string,
  shelf: DiscShelf,
): Promise<ReadonlyMap<string, ReadonlyMap<string, DayEntry>>> {
  const peers = new Map<string, Map<string, DayEntry>>();
  for (const record of await storedRecords(stateDir, day)) {
    for (const [whole, member] of record.members) {
      const { mtimeNs, mode, type, bytes, target, sha256 } = member;
      const [peer, ...rest] = whole.split('/');
      const path = rest.join('/');
      if (path === '') continue;
      const entries = peers.get(peer!) ?? new Map<string, DayEntry>();
      peers.set(peer!, entries);
      const before = entries.get(path);
      const isSame = before !== undefined && before.sha256 === sha256 && before.bytes === bytes && before.type === type;
      const stored = await placesOf(record, isSame ? before.stored : undefined, shelf);
      // What cannot be read has to be fetched by other means: rather an older one.
      if (!isReadable(stored) && before !== undefined && isReadable(before.stored)) continue;
      entries.set(path, {
        ...{ path, type, bytes, mtimeNs, mode },
        ...(target === undefined ? {} : { target }),
        ...(sha256 === undefined ? {} : { sha256 }),
        stored,
      });
    }
  }
  return peers;
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
