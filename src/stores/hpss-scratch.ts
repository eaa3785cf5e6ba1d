import { randomBytes } from 'node:crypto';
import { askOnce } from '../hpss/ask.ts';
import { makedirs } from '../hpss/change.ts';
import { isComplaint } from '../hpss/failure-text.ts';
import { hsiFailure } from '../hpss/hpss-error.ts';
import type { HpssOptions } from '../hpss/hpss-options.ts';
import { hsiWord } from '../hpss/hsi-word.ts';
import type { HpssPlaces } from './hpss-places.ts';

/** An empty directory on HPSS, among what waits: no listing of the store enters it. */
export interface HpssScratch {
  readonly path: string;
  /** Removes it with all that is in it. Idempotent. */
  remove(): Promise<void>;
}

/** Makes one; the store must be there. */
export async function hpssScratch(places: HpssPlaces, options: HpssOptions): Promise<HpssScratch> {
  const path = `${places.waiting}/doctor-${randomBytes(8).toString('hex')}`;
  await makedirs(path, options);
  return {
    path,
    async remove() {
      const what = `cannot remove '${path}'`;
      const [answer] = await askOnce([{ text: `rm -R ${hsiWord(path)}` }], { ...options, what });
      const failure = hsiFailure(what, answer!.map((line) => `${line}\n`).join(''));
      if (answer!.some(isComplaint) && failure.kind !== 'absent') throw failure;
    },
  };
}
