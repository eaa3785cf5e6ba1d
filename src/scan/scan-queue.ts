import { splitWork, type Work } from './work.ts';

/** The work that waits to be done: last in, first out, so that little waits at any time. */
export interface ScanQueue {
  add(works: readonly Work[]): void;
  /** The next piece, so much that `hands` that are free all get some of what there is. */
  take(hands: number): Work | undefined;
  readonly length: () => number;
  /** All that waits. */
  readonly all: () => readonly Work[];
}

/** More directories at once would be packed and unpacked more often than they are read. */
const mostInPiece = 4096;
/** A message to a thread costs as much as some directories. */
const leastInPiece = 8;

/** A queue with this work in it. */
export function scanQueue(first: readonly Work[]): ScanQueue {
  const waiting = [...first];
  return {
    add(works) {
      waiting.push(...works);
    },
    take(hands) {
      const work = waiting.pop();
      if (work === undefined) return undefined;
      const share = waiting.length >= hands ? mostInPiece : Math.ceil(work.count / hands);
      const most = Math.min(mostInPiece, Math.max(leastInPiece, share));
      const { taken, left } = splitWork(work, work.kind === 'names' && waiting.length >= hands ? work.count : most);
      if (left !== undefined) waiting.push(left);
      return taken;
    },
    length: () => waiting.length,
    all: () => [...waiting],
  };
}
