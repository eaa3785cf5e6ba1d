import type { OpenDayArchives } from '../pool/archives/day-archives.ts';

/** Opens the archives of a pool's days. What that takes is loaded when somebody asks. */
export const openDayArchives: OpenDayArchives = async (place, run) => {
  const { dayArchives } = await import('./day-archives.ts');
  return dayArchives(place, run);
};
