import { join } from 'node:path';
import { type Clock, systemClock } from '../../model/clock.ts';
import type { GridSession, ParallelGrid } from '../connect.ts';
import type { Environment } from '../environment.ts';
import { placesOf } from '../places.ts';
import { storageSession } from '../storage-session.ts';
import type { Limits } from '../xrootd/limits.ts';
import type { Session } from '../xrootd/session.ts';

/** What copying needs. Made once for many copies; closed by whoever made it. */
export interface CopyParts {
  /** The central server, for many commands at once. */
  readonly grid: ParallelGrid;
  /** The storage elements, verified with the Grid's authorities and shown our certificate. */
  readonly storage: Session;
  /** The folder in which runs note what they have stored and not yet committed; undefined: nothing is noted, and what a killed run stored is lost to it. */
  readonly journals: string | undefined;
  readonly clock: Clock;
  /** Ends the connections to storage elements. That to the central server is the caller's. */
  close(): void;
}

/** How the parts are made. Everything has a default. */
export interface CopyPartsOptions {
  /** Instead of `process.env`. */
  readonly env?: Environment;
  /** Instead of `copies` in `$XDG_STATE_HOME/stowage`; null for no journal. */
  readonly journals?: string | null;
  /** Connections to the central server at most; 8 if nothing is said. */
  readonly connections?: number;
  /** Patience with storage elements. */
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
}

const defaultConnections = 8;

/** The parts over a session. Connects to the central server, if that was not done yet, to know with which certificate. */
export async function copyParts(grid: GridSession, options: CopyPartsOptions = {}): Promise<CopyParts> {
  const { env = process.env, journals, connections = defaultConnections, limits = {} } = options;
  await grid.connection();
  const storage = storageSession(env, grid.credential(), limits);
  return {
    grid: grid.parallel(connections),
    storage,
    journals: journals === null ? undefined : (journals ?? journalFolder(env)),
    clock: options.clock ?? systemClock,
    close: () => storage.close(),
  };
}

/** Where journals of copies lie for this user. */
export function journalFolder(env: Environment): string {
  const state = env.XDG_STATE_HOME;
  return join(state?.startsWith('/') ? state : join(placesOf(env).home, '.local/state'), 'stowage/copies');
}
