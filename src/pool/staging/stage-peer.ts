import type { FileOperations } from '../../durable/file-operations.ts';
import { isStowageError } from '../../errors.ts';
import type { Clock } from '../../model/clock.ts';
import type { Member } from '../../model/manifest.ts';
import type { Ownership, PeerSession } from '../peers/peer.ts';
import { fillWorkFolder } from './fill-work-folder.ts';
import { earlierIn } from './keep-earlier.ts';
import { letIn } from './let-in.ts';
import { presentIn } from './present.ts';
import { manifestPath, readManifest, writeManifest } from './staged-manifest.ts';
import { makeDay } from './staging-dirs.ts';
import type { WorkRoot } from './work-root.ts';

/** Where a peer goes, and where that is remembered. */
export interface StagingPlace {
  readonly files: FileOperations;
  readonly clock: Clock;
  readonly stateDir: string;
  readonly stagingDir: string;
  /** `YYYY/MM/DD` */
  readonly day: string;
  readonly owner: Ownership | undefined;
  readonly work: WorkRoot;
}

/** A peer that is in the day, whole. */
export interface StagedPeer {
  /** All that it has, cback.collect among them. */
  readonly files: number;
  readonly bytes: number;
  /** How many of its entries were not there before. */
  readonly fresh: number;
  /** What an earlier staging of this day brought, and the peer has no more; it is kept. */
  readonly gone: readonly string[];
  /** What an earlier staging of this day brought, and the peer has otherwise now: the names under which it is kept, by path. */
  readonly kept: ReadonlyMap<string, string>;
}

/**
 * Stages a peer that is ready: brings its files, makes them durable, lets them into the day, and records them. Whatever step this is killed before, the
 * next run does the rest.
 */
export async function stagePeer(
  session: PeerSession,
  peer: { readonly name: string; readonly collectDir: string },
  place: StagingPlace,
): Promise<StagedPeer> {
  const { files, stateDir, day, owner } = place;
  const folder = `${place.stagingDir}/${day}/${peer.name}`;
  const options = owner === undefined ? {} : { ownership: owner };
  const before = await recorded(stateDir, day, peer.name);
  const path = place.work.of(peer.name);
  const present = await presentIn(folder, path, before);
  const received = await fillWorkFolder(files, path, session, present, options);
  await makeDay(files, `${place.stagingDir}/${day}`, owner);
  const kept = await letIn(files, path, folder, received, owner);

  const earlier = await earlierIn(files, folder, received.members, before);
  const isEarlier = new Set(earlier.map((one) => one.path));
  const gone = [...before.values()].filter((one) => !received.members.has(one.path) && !isEarlier.has(one.path));
  await writeManifest(files, stateDir, {
    ...{ peer: peer.name, day, folder, collectDir: peer.collectDir },
    stagedAt: place.clock.now().toISOString(),
    provenByPeer: received.provenByPeer,
    members: new Map([...[...gone, ...earlier].map((one): [string, Member] => [one.path, one]), ...received.members]),
  });
  const inside = [...received.members.values()].filter((one) => one.type === 'file');
  return {
    files: inside.length,
    bytes: inside.reduce((sum, one) => sum + one.bytes, 0),
    fresh: received.fresh.size,
    gone: gone.map((one) => one.path),
    kept,
  };
}

/** What is recorded of an earlier staging of this day. A damaged record is none: then all that lies there is read again. */
async function recorded(stateDir: string, day: string, peer: string): Promise<ReadonlyMap<string, Member>> {
  try {
    return (await readManifest(manifestPath(stateDir, day, peer)))?.members ?? new Map();
  } catch (error) {
    if (isStowageError(error, 'corrupt')) return new Map();
    throw error;
  }
}
