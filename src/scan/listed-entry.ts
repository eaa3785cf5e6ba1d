import { StowageError } from '../errors.ts';
import { displayText } from '../model/byte-name.ts';
import type { EntryType } from '../model/entry.ts';
import { entryTypeOf } from '../shards/listing-row.ts';

/** One thing of a list that another program made; the path is as that program wrote it. */
export interface ListedEntry {
  readonly path: string;
  readonly type: EntryType;
  /** May be more than a number holds exactly. */
  readonly bytes: number;
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Absent for a link where the list does not say it. */
  readonly target?: string;
}

/** Reads such a list as its bytes come, in batches. Throws `corrupt`, with the number of the entry, for what is none. */
export type ListReader = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<readonly ListedEntry[]>;

/** The type for a letter as `find -printf %y` and `ls -l` have it. */
export function listedType(letter: string): EntryType | undefined {
  return letter === '-' ? 'file' : entryTypeOf(letter);
}

/** That an entry of the list is none. */
export function badEntry(number: number, what: string, text: string): StowageError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new StowageError('corrupt', `entry ${number} of the list: ${what}: '${displayText(shown)}'`, {
    hint: 'docs/formats/listing.md says how such a list is made',
  });
}
