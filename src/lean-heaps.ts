import { setFlagsFromString } from 'node:v8';

/** By how much a heap may grow over what was alive in it before the garbage is collected, while it is lean: in percent. */
const leanGrowth = 50;
/** As V8 thinks best: on a machine with much memory up to four times what is alive. */
const usualGrowth = 0;

/** The versions of V8 that are known to have the flag (those of Node 20 to 24); another might complain on stderr. */
const knownVersions = { first: 11, last: 13 };

const isKnown = (() => {
  const version = Number(process.versions.v8.split('.')[0]);
  return version >= knownVersions.first && version <= knownVersions.last;
})();

/**
 * Keeps the heaps of all threads near what is alive in them, until the function that it returns is called. V8 looks at this flag whenever it has
 * collected garbage, so it can be set at any time. The threads that plan hold some 40 MB each, and had 150 MB more of garbage; a copy of 30,000 files from the Grid 15 MB, and 100 MB more. Does nothing with a V8 of which nobody knows whether it has the flag.
 */
export const leanHeaps = whileAsked(growthFlag(leanGrowth), growthFlag(usualGrowth));

/**
 * Keeps V8 from marking the whole heap in steps, until the function that it returns is called: for a small heap, while gigabytes pass through it in buffers. Each 64 MiB of them have it collect what is
 * young, which frees them, and then begin to mark all the rest for the same reason: 72 times for 2 GiB over ssh, for 0.7 s of processor time. What is full is still collected, in one go. V8 looks at this
 * flag when it would begin.
 */
export const unmarkedHeaps = whileAsked('--no-incremental-marking', '--incremental-marking');

/** What V8 is told. */
export function growthFlag(percent: number): string {
  return `--heap-growing-percent=${percent}`;
}

/** Sets a flag as long as one at least who asked for it has not called the function that he got. */
function whileAsked(on: string, off: string): () => () => void {
  let users = 0;
  return () => {
    if (!isKnown) return () => undefined;
    users += 1;
    if (users === 1) setFlagsFromString(on);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      users -= 1;
      if (users === 0) setFlagsFromString(off);
    };
  };
}
