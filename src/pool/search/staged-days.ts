import { readdir } from 'node:fs/promises';
import { fileError, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { localSession } from '../peers/local-session.ts';
import type { PeerEntry } from '../peers/peer.ts';
import type { PoolRun } from '../pool-run.ts';
import { manifestPath, readManifest } from '../staging/staged-manifest.ts';
import { stagingDirOf } from '../staging/staging-dirs.ts';

/** What of a day and a peer lies in the staging directory. */
export interface StagedFolder {
  /** `YYYY/MM/DD`. */
  readonly day: string;
  readonly peer: string;
  readonly path: string;
  /** By path; with digests where we staged it, without where Cedar Backup did. */
  readonly entries: ReadonlyMap<string, PeerEntry & { readonly sha256?: string }>;
}

export interface Where {
  /** `YYYY/MM/DD`; every day if not given. */
  readonly day?: string;
  readonly peer?: string;
}

/** Every day and peer that is staged here, the newest day first. What was recorded and is not there any more is left out. */
export async function* stagedFolders(run: PoolRun, where: Where): AsyncGenerator<StagedFolder> {
  const staging = stagingDirOf(run.configuration);
  for (const year of await names(staging, /^\d{4}$/)) {
    for (const month of await names(`${staging}/${year}`, /^\d{2}$/)) {
      for (const date of await names(`${staging}/${year}/${month}`, /^\d{2}$/)) {
        const day = `${year}/${month}/${date}`;
        if (where.day !== undefined && where.day !== day) continue;
        for (const peer of (await names(`${staging}/${day}`, /^[A-Za-z0-9_]/)).toReversed()) {
          if (peer.startsWith('cback.') || (where.peer !== undefined && where.peer !== peer)) continue;
          const path = `${staging}/${day}/${peer}`;
          const listed = await localSession(run.files, peer, path).list();
          const known = (await readManifest(manifestPath(run.stateDir, day, peer)))?.members;
          const entries = new Map(
            [...listed].map(([at, one]) => {
              const { sha256 } = known?.get(at) ?? {};
              return [at, sha256 === undefined ? one : { ...one, sha256 }];
            }),
          );
          yield { day, peer, path, entries };
        }
      }
    }
  }
}

/** The newest first. */
async function names(folder: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder === '' ? '/' : folder, { withFileTypes: true });
    const found = entries.filter((one) => one.isDirectory() && pattern.test(one.name)).map((one) => one.name);
    return found.sort().reverse();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(`cannot look at '${displayName(folder)}'`, error);
  }
}
