import { stopped } from './lost-connection.ts';

/**
 * Turns for what a server does only a few of at once, such as computing checksums (`xrootd.chksum max 2`): who comes too many is told to come again in half a minute, though the others are through in a moment. How
 * many it does is learned from that, and who was sent away is asked again as soon as another of ours is through.
 */
export interface ChecksumTurns {
  /** Waits for a turn. Rejects with `interrupted` when the signal says so. */
  take(what: string, signal: AbortSignal | undefined): Promise<ChecksumTurn>;
}

/** One that was asked for. */
export interface ChecksumTurn {
  /** It was told to wait: resolves when that is over, or there is room again because another of ours is through. */
  sentAway(pause: Promise<void>): Promise<void>;
  over(): void;
}

/** So many that went well let one more be asked for at once. */
const triedAfter = 32;

/** Turns for one server. */
export function checksumTurns(): ChecksumTurns {
  const waiting: (() => void)[] = [];
  let room = Number.POSITIVE_INFINITY;
  let underWay = 0;
  let wentWell = 0;

  function next(): void {
    while (underWay < room && waiting.length > 0) {
      underWay += 1;
      waiting.shift()!();
    }
  }

  /** Resolves with a turn of our own, or rejects or resolves as the pause does and takes a turn all the same. */
  async function turn(pause: Promise<void>): Promise<void> {
    let isMine = false;
    let grant: () => void = () => undefined;
    const granted = new Promise<void>((resolve) => {
      grant = () => {
        isMine = true;
        resolve();
      };
    });
    waiting.push(grant);
    next();
    try {
      await Promise.race([granted, pause]);
    } catch (error) {
      if (isMine) over();
      throw error;
    } finally {
      if (!isMine) waiting.splice(waiting.indexOf(grant), 1);
    }
    if (!isMine) underWay += 1;
  }

  function over(): void {
    underWay -= 1;
    next();
  }

  return {
    async take(what, signal) {
      let stop: () => void = () => undefined;
      const never = new Promise<void>((_, reject) => {
        stop = () => reject(stopped(what, signal!));
        signal?.addEventListener('abort', stop, { once: true });
        if (signal?.aborted === true) stop();
      });
      try {
        await turn(never);
      } finally {
        signal?.removeEventListener('abort', stop);
      }
      let isOver = false;
      return {
        async sentAway(pause) {
          underWay -= 1;
          room = Math.max(1, underWay);
          wentWell = 0;
          isOver = true;
          await turn(pause);
          isOver = false;
        },
        over() {
          if (isOver) return;
          isOver = true;
          wentWell += 1;
          if (wentWell % triedAfter === 0) room += 1;
          over();
        },
      };
    },
  };
}
