import { ownText } from '../../model/own-text.ts';
import type { Fate } from '../../rules/fate.ts';
import type { BoundedFates } from '../../verbs/survey/bounded-fates.ts';
import { blockRows } from './block-rows.ts';
import type { CsvBlock } from './csv-blocks.ts';
import { pythonJsonText } from './python-json.ts';

/** The rows of a block, with what becomes of their files: in runs of neighbours with one fate, in one directory. */
export interface FatedRows {
  readonly rows: number;
  readonly runs: number;
  /** The first row of a run. Its last comes before the first of the next. */
  first(run: number): number;
  fate(run: number): Fate;
  /** The directory that the files of a run lie in, as a text of its own. */
  parent(run: number): string;
  /** What the files of a run have, in bytes. Throws `corrupt` if one of these is no whole number. */
  size(run: number): number | bigint;
  name(row: number): string;
  /** The time, in seconds since 1970 UTC. Throws `corrupt` if it is no whole number. */
  mtime(row: number): number | bigint;
  /** As many bytes as `putLines` needs at most. */
  room(from: number, to: number): number;
  /** Puts the lines of the missing file for these rows, in which others come before, or not; gives where they end, less the last quote. */
  putLines(from: number, to: number, text: Buffer, at: number, isFirst: boolean): number;
}

/** What stands in the missing file before the first name, and between two. */
export const lineTexts = { first: '      "', between: '",\n      "' } as const;

/** The rows of any block, as texts. Throws `corrupt` for rows without a name. */
export function fatedRows(block: CsvBlock, fates: BoundedFates): FatedRows {
  const { names, size, mtime } = blockRows(block);
  const all = fates.fatesOf(names);
  const texts = names.map(pythonJsonText);
  let parent = '';
  return {
    rows: names.length,
    runs: names.length,
    first: (run) => run,
    fate: (run) => all[run]!,
    parent(run) {
      const file = names[run]!;
      const slash = file.lastIndexOf('/');
      // Neighbours mostly lie in the same directory.
      if (Math.max(slash, 0) !== parent.length || !file.startsWith(parent))
        parent = slash < 0 ? '' : ownText(file.slice(0, slash));
      return parent;
    },
    size,
    name: (row) => names[row]!,
    mtime,
    room(from, to) {
      let bytes = 0;
      for (let row = from; row < to; row += 1) bytes += texts[row]!.length + lineTexts.between.length;
      return bytes;
    },
    putLines(from, to, text, at, isFirst) {
      const { first, between } = lineTexts;
      return at + text.write((isFirst ? first : between) + texts.slice(from, to).join(between), at, 'latin1');
    },
  };
}
