import { randomBytes } from 'node:crypto';
import { StowageError } from '../errors.ts';
import { askOnce } from '../hpss/ask.ts';
import { makedirs } from '../hpss/change.ts';
import { isComplaint } from '../hpss/failure-text.ts';
import { hsiFailure } from '../hpss/hpss-error.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import { isdir } from '../hpss/stat.ts';
import type { StoreExamination } from '../store/examination.ts';
import { type HpssStoreOptions, hpssStore } from './hpss.ts';
import { hpssPlaces } from './hpss-places.ts';

/** How a store on HPSS is examined: in a directory among what waits, which no listing enters. */
export function hpssExamination(root: string, options: HpssStoreOptions): StoreExamination {
  const places = hpssPlaces(root);
  return {
    folder: undefined,
    checks: [],
    async scratch() {
      if (!(await isdir(places.root, options)))
        throw new StowageError('unavailable', `the store ${places.location} does not exist`, {
          hint: `if it is new: hsi "mkdir -p ${places.root}"`,
        });
      const path = `${places.waiting}/doctor-${randomBytes(8).toString('hex')}`;
      await makedirs(path, options);
      return {
        folder: undefined,
        open: async () => hpssStore(path, options),
        async remove() {
          const what = `cannot remove '${path}'`;
          const [answer] = await askOnce([{ text: `rm -R ${hsiWord(path)}` }], { ...options, what });
          const failure = hsiFailure(what, answer!.map((line) => `${line}\n`).join(''));
          if (answer!.some(isComplaint) && failure.kind !== 'absent') throw failure;
        },
      };
    },
  };
}
