import type { Holder } from '../../../durable/holder.ts';
import type { NameInJson } from '../../../model/byte-name.ts';
import type { Access } from '../../grid-results.ts';

/** What is going to be stored, and where. The permissions in it are secret. */
export interface BookedUpload {
  /** What it is to be called in the end. */
  readonly lfn: string;
  /** What it is called while what lies at `lfn` is still there; absent where nothing does. */
  readonly as?: string;
  readonly local: NameInJson;
  readonly bytes: number;
  readonly md5: string;
  readonly replicas: readonly Pick<Access, 'se' | 'url' | 'guid' | 'envelope'>[];
}

/** How one content takes the place of another. */
export interface Replacement {
  readonly lfn: string;
  /** Under which name the new one lies, with which GUID. */
  readonly as: string;
  readonly guid: string;
  /** Under which name the old one goes, with which GUID. */
  readonly backup: string;
  readonly oldGuid: string | undefined;
  /** Which name the old one gets when the new one has its place; without, it is removed. */
  readonly keep?: string;
}

/** One line of a journal of copies (docs/formats/copy-journal.md). */
export type JournalLine =
  | {
      readonly kind: 'begin';
      readonly format: 1;
      readonly run: string;
      readonly at: string;
      readonly holder: Holder;
    }
  | ({ readonly kind: 'booked'; readonly id: number; readonly at: string } & BookedUpload)
  | ({ readonly kind: 'moving'; readonly id: number } & Replacement)
  | { readonly kind: 'done'; readonly id: number }
  /** The run came to its end, and has left something all the same. */
  | { readonly kind: 'end' };
