import { StowageError } from '../errors.ts';
import { isdir } from '../hpss/stat.ts';
import type { StoreExamination } from '../store/examination.ts';
import { type HpssStoreOptions, hpssStore } from './hpss.ts';
import { hpssChecks } from './hpss-checks.ts';
import { hpssPlaces } from './hpss-places.ts';
import { hpssScratch } from './hpss-scratch.ts';

/** How a store on HPSS is examined: in a directory among what waits, which no listing enters. */
export function hpssExamination(root: string, options: HpssStoreOptions): StoreExamination {
  const places = hpssPlaces(root);
  return {
    folder: undefined,
    checks: hpssChecks(places, options),
    async scratch() {
      if (!(await isdir(places.root, options)))
        throw new StowageError('unavailable', `the store ${places.location} does not exist`, {
          hint: `if it is new: hsi "mkdir -p ${places.root}"`,
        });
      const scratch = await hpssScratch(places, options);
      return {
        folder: undefined,
        open: async () => hpssStore(scratch.path, options),
        remove: scratch.remove,
      };
    },
  };
}
