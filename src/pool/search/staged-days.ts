import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { openedOnce } from '../archives/open-archives.ts';
import { dayFolders, foldersIn } from '../day-folders.ts';
import { localSession } from '../peers/local-session.ts';
import type { PoolRun } from '../pool-run.ts';
import { manifestPath, readManifest } from '../staging/staged-manifest.ts';
import { stagingDirOf } from '../staging/staging-dirs.ts';
import { storedDays } from '../stored/stored-record.ts';
import type { DayEntry } from './day-entry.ts';
import { discShelf } from './disc-shelf.ts';
import { earlierEntries, storedEntries } from './stored-versions.ts';

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
      const stored = await storedEntries(run.stateDir, day, shelf);
      const peers = staged.includes(day) ? await foldersIn(`${staging}/${day}`, /^[A-Za-z0-9_]/) : [];
      for (const peer of [...new Set([...peers, ...stored.keys()])].sort()) {
        if (peer.startsWith('cback.') || (where.peer !== undefined && where.peer !== peer)) continue;
        const path = `${staging}/${day}/${peer}`;
        const versions = stored.get(peer);
        const entries = new Map<string, DayEntry>();
        for (const [at, { newest }] of versions ?? []) entries.set(at, newest);
        const listed = peers.includes(peer) ? await localSession(run.files, peer, path).list() : new Map();
        const isAnything = listed.size > 0 || entries.size > 0;
        const known = isAnything ? (await readManifest(manifestPath(run.stateDir, day, peer)))?.members : undefined;
        for (const [at, one] of listed) {
          const { sha256 } = known?.get(at) ?? {};
          entries.set(at, sha256 === undefined ? one : { ...one, sha256 });
        }
        // Behind all that there is now: of two that hold the same path the newer one comes first.
        for (const one of earlierEntries(entries, versions)) entries.set(one.path, one);
        const content = async (at: string): Promise<Readable> => {
          const entry = entries.get(at);
          const { stored: there } = entry ?? {};
          const { disc, archives } = there ?? {};
          // A disc that lies here is nearer than a store.
          if (disc !== undefined && (archives === undefined || (await shelf.find(disc)) !== undefined))
            return shelf.content(disc, `${day}/${peer}/${at}`);
          if (archives !== undefined)
            return (await stores.open(archives)).content(day, `${peer}/${entry?.earlierOf ?? at}`, entry);
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
