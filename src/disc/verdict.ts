import type { ChecksumPart } from './checksum-tags.ts';

/** What a look at a disc found to be wrong. Damage is an answer; that the medium cannot be read at all is thrown. */
export type DiscFault =
  | { readonly kind: 'missing' | 'unexpected'; readonly path: string; readonly session: number }
  | { readonly kind: 'different'; readonly path: string; readonly session: number; readonly what: string }
  | { readonly kind: 'damaged'; readonly path: string; readonly session: number; readonly what: string }
  /** Something outside of the files. */
  | {
      readonly kind: 'structure';
      readonly session: number;
      readonly part: ChecksumPart | 'unused';
      readonly what: string;
    };

/** What was looked at, and all that is wrong. */
export interface DiscVerdict {
  readonly label: string;
  readonly sessions: number;
  readonly files: number;
  readonly bytes: number;
  readonly faults: readonly DiscFault[];
}

/** A fault in one line. */
export function faultText(fault: DiscFault, show: (path: string) => string): string {
  switch (fault.kind) {
    case 'missing':
      return `'${show(fault.path)}' is not on the disc`;
    case 'unexpected':
      return `'${show(fault.path)}' is on the disc, and was not to be`;
    case 'different':
    case 'damaged':
      return `'${show(fault.path)}' on the disc: ${fault.what}`;
    case 'structure':
      return `session ${fault.session} of the disc: ${fault.what}`;
  }
}
