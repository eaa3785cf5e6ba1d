import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { StowageError } from '../../errors.ts';
import type { Change } from './catalogue.ts';
import type { Booking, Job } from './world.ts';

/** What changed, and lives on: names, writes that were allowed and are not committed, jobs. */
export type Kept = Change | { readonly book: Booking } | { readonly unbook: string } | { readonly job: Job };

/** The changes, a line each. Not durable, by purpose: nothing in a sandbox is kept safe. */
export interface State {
  read(): readonly Kept[];
  append(change: Kept): void;
}

/** The state in this folder, which is made if it is not there. A line that a kill tore at the end is left out; any other bad one is `corrupt`. */
export function openState(folder: string): State {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'catalogue.jsonl');
  return {
    read() {
      if (!existsSync(file)) return [];
      const text = readFileSync(file, 'utf8');
      const lines = text.split('\n');
      const last = lines.pop();
      if (last !== '') truncateSync(file, Buffer.byteLength(text) - Buffer.byteLength(last ?? ''));
      return lines.flatMap((line, index) => {
        try {
          return line === '' ? [] : [JSON.parse(line) as Kept];
        } catch (cause) {
          throw new StowageError('corrupt', `line ${index + 1} of '${file}' is no change of a catalogue`, { cause });
        }
      });
    },
    append: (change) => appendFileSync(file, `${JSON.stringify(change)}\n`),
  };
}
