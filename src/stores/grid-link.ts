import { type ConnectOptions, connect, type GridSession } from '../grid/connect.ts';
import { type Session as XrootdSession, xrootdSession } from '../grid/xrootd/session.ts';

/** What talks to the Grid: a session with the central server, and one with storage elements. */
export interface GridSessions {
  readonly grid: GridSession;
  readonly xrootd: XrootdSession;
}

/** Sessions that are opened when they are needed and closed when nobody needs them for a while, so that a process ends when its work does. */
export interface GridLink {
  use<Result>(deed: (sessions: GridSessions) => Promise<Result>): Promise<Result>;
  /** For what takes longer than a call: whoever holds them gives them back. */
  hold(): { readonly sessions: GridSessions; release(): void };
  /** Closes what is not in use. What is used again is opened again. */
  close(): Promise<void>;
}

/** Longer than archives are packed, shorter than anybody waits for the end of a program. */
const idleMs = 2000;

/** A link by these options of a connection. Nothing is opened yet. */
export function gridLink(options: ConnectOptions): GridLink {
  let sessions: GridSessions | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  async function close(): Promise<void> {
    clearTimeout(idle);
    if (users > 0) return;
    const open = sessions;
    sessions = undefined;
    open?.xrootd.close();
    await open?.grid.close();
  }

  function hold() {
    clearTimeout(idle);
    users += 1;
    sessions ??= { grid: connect(options), xrootd: xrootdSession() };
    let isHeld = true;
    return {
      sessions,
      release() {
        if (!isHeld) return;
        isHeld = false;
        users -= 1;
        if (users > 0) return;
        // The connections keep the process until it fires; it does not.
        idle = setTimeout(() => void close().catch(() => undefined), idleMs);
        idle.unref();
      },
    };
  }

  return {
    hold,
    close,
    async use(deed) {
      const held = hold();
      try {
        return await deed(held.sessions);
      } finally {
        held.release();
      }
    },
  };
}
