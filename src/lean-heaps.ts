import { setFlagsFromString } from 'node:v8';

/** By how much a heap may grow over what was alive in it before the garbage is collected, while it is lean: in percent. */
const leanGrowth = 50;
/** As V8 thinks best: on a machine with much memory up to four times what is alive. */
const usualGrowth = 0;

/** The versions of V8 that are known to have the flag (those of Node 20 to 24); another might complain on stderr. */
const knownVersions = { first: 11, last: 13 };

let users = 0;

/**
 * Keeps the heaps of all threads near what is alive in them, until the function that it returns is called. V8 looks at this flag whenever it has
 * collected garbage, so it can be set at any time. The threads that plan hold some 40 MB each, and had 150 MB more of garbage; a copy of 30,000 files from the Grid 15 MB, and 100 MB more. Does nothing with a V8 of which nobody knows whether it has the flag.
 */
export function leanHeaps(): () => void {
  const version = Number(process.versions.v8.split('.')[0]);
  if (!(version >= knownVersions.first && version <= knownVersions.last)) return () => undefined;
  users += 1;
  if (users === 1) grow(leanGrowth);
  let isLean = true;
  return () => {
    if (!isLean) return;
    isLean = false;
    users -= 1;
    if (users === 0) grow(usualGrowth);
  };
}

function grow(percent: number): void {
  setFlagsFromString(growthFlag(percent));
}

/** What V8 is told. */
export function growthFlag(percent: number): string {
  return `--heap-growing-percent=${percent}`;
}
