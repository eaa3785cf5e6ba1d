import type { Finding } from '../../plan/finding.ts';

/** In what disk, record and store of a section can differ. */
export type DifferenceKind =
  | 'missing'
  | 'changed'
  | 'damaged'
  | Extract<
      Finding['kind'],
      | 'in-motion'
      | 'unseen'
      | 'lost'
      | 'altered'
      | 'unrecorded'
      | 'unexplained'
      | 'unknown-runs'
      | 'unmapped'
      | 'ambiguous'
      | 'plain-clash'
      | 'refused'
      | 'withheld'
      | 'gone'
    >;

/** How much there is of one kind of difference. */
export interface Difference {
  readonly difference: DifferenceKind;
  readonly count: number;
  /** Content of the files, or size of the archives; absent where it is not known. */
  readonly bytes?: number;
}
