import { displayName } from '../model/byte-name.ts';
import { ask } from './ask.ts';
import { failureIn, isComplaint } from './failure-text.ts';
import { unreadable } from './follow-links.ts';
import { hsiFailure } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';

/** Where a file lies on tape. */
export interface TapePlace {
  /** Empty if it is not on tape (yet), or is empty. */
  readonly cartridge: string;
  readonly section: number;
  readonly offset: number;
}

/** Where files lie on tape, by `ls -P`, in one session; undefined where there is no such file. */
export async function tapePlaces(
  paths: readonly string[],
  options: HpssOptions,
): Promise<readonly (TapePlace | undefined)[]> {
  const commands = paths.map((path) => ({ text: `ls -P ${hsiWord(path)}`, isListing: true }));
  const what = 'cannot ask where files lie on tape';
  return ask(commands, { ...options, what }, (answers) =>
    answers.map((answer, at) => {
      const path = paths[at]!;
      for (const line of answer) {
        const place = tapePlace(line);
        if (place !== undefined) return place;
        if (isComplaint(line)) {
          if (failureIn(line).kind === 'absent') return undefined;
          throw hsiFailure(`${what}: '${displayName(path)}'`, `${line}\n`);
        }
        if (line.trim() !== '') throw unreadable(path, line);
      }
      return undefined;
    }),
  );
}

/** A line `FILE`, path, size, size on tape, `section+offset`, cartridge, …, divided by tabs and padded with blanks. Undefined if it is none. */
export function tapePlace(line: string): TapePlace | undefined {
  const [kind, , , , position = '', cartridge = ''] = line.split('\t').map((field) => field.trim());
  if (kind !== 'FILE') return undefined;
  const [section = 0, offset = 0] = position.split('+').map(Number);
  return { cartridge, section, offset };
}

/** The order in which tapes are read: by cartridge, then by section and offset as numbers; what is on none comes first. */
export function compareTapePlaces(one: TapePlace, other: TapePlace): number {
  if (one.cartridge !== other.cartridge) return one.cartridge < other.cartridge ? -1 : 1;
  return one.section - other.section || one.offset - other.offset;
}
