import { type ConnectOptions, connect, type GridSession, type ParallelGrid } from '../grid/connect.ts';
import { type ServerSums, serverSums } from '../grid/copy/upload/server-sums.ts';
import type { Credential } from '../grid/credentials/credential.ts';
import { storageSession } from '../grid/storage-session.ts';
import type { Session } from '../grid/xrootd/session.ts';

/** What talks to the Grid: the central server, for many commands at once, and the storage elements. */
export interface GridSessions {
  readonly grid: ParallelGrid;
  readonly xrootd: Session;
  readonly sums: ServerSums;
  readonly credential: Credential | undefined;
}

/** Sessions in use. Whoever holds them gives them back. */
export interface HeldSessions {
  readonly sessions: GridSessions;
  /** Idempotent. */
  release(): void;
}

/** Sessions that are opened when they are needed and closed when nobody needs them for a while, so that a process ends when its work does. */
export interface GridLink {
  use<Result>(deed: (sessions: GridSessions) => Promise<Result>): Promise<Result>;
  /** For what takes longer than a call. Rejects where no server can be reached. */
  hold(): Promise<HeldSessions>;
  /** Closes what is not in use. What is used again is opened again. */
  close(): Promise<void>;
}

/** Longer than archives are packed, shorter than anybody waits for the end of a program. */
const idleMs = 2000;

/** Commands that are under way at once. */
const connections = 4;

interface Opened {
  readonly session: GridSession;
  readonly sessions: Promise<GridSessions>;
}

/** A link by these options of a connection. Nothing is opened yet. */
export function gridLink(options: ConnectOptions): GridLink {
  let opened: Opened | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  function open(): Opened {
    const session = connect(options);
    return { session, sessions: sessionsOver(session, options) };
  }

  async function closeNow(): Promise<void> {
    clearTimeout(idle);
    const was = opened;
    if (users > 0 || was === undefined) return;
    opened = undefined;
    const sessions = await was.sessions.catch(() => undefined);
    sessions?.xrootd.close();
    await was.session.close();
  }

  function release(): void {
    users -= 1;
    if (users > 0) return;
    // What is open keeps the process until it fires; it does not.
    idle = setTimeout(() => void closeNow().catch(() => undefined), idleMs);
    idle.unref();
  }

  async function hold(): Promise<HeldSessions> {
    clearTimeout(idle);
    users += 1;
    opened ??= open();
    const mine = opened;
    try {
      const sessions = await mine.sessions;
      let isHeld = true;
      return {
        sessions,
        release() {
          if (isHeld) release();
          isHeld = false;
        },
      };
    } catch (error) {
      // The next who needs it tries anew.
      if (opened === mine) opened = undefined;
      await mine.session.close().catch(() => undefined);
      release();
      throw error;
    }
  }

  return {
    hold,
    close: closeNow,
    async use(deed) {
      const held = await hold();
      try {
        return await deed(held.sessions);
      } finally {
        held.release();
      }
    },
  };
}

async function sessionsOver(session: GridSession, { env = process.env }: ConnectOptions): Promise<GridSessions> {
  await session.connection();
  const credential = session.credential();
  const xrootd = storageSession(env, credential);
  return { grid: session.parallel(connections), xrootd, sums: serverSums(xrootd), credential };
}
