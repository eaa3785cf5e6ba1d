import type { Member } from '../../model/manifest.ts';

/** What becomes of members that are brought back. */
export type RestoreEvent =
  | {
      readonly kind: 'recall';
      readonly section: string;
      readonly archives: number;
      /** At most: what lies on disk too needs no tape. */
      readonly mounts: number;
      readonly bytes: number;
    }
  | { readonly kind: 'restored'; readonly restored: Restored }
  | { readonly kind: 'restored-in-all'; readonly section: string; readonly totals: RestoreTotals };

export interface Restored {
  readonly section: string;
  readonly path: string;
  readonly archive: string;
  readonly target: string;
  /** `there`: it was already there and equal. `differs`: something else is there and was left alone. */
  readonly outcome: 'restored' | 'there' | 'differs' | 'failed';
  readonly type: Member['type'];
  readonly bytes: number;
  readonly problem?: string;
  readonly torn?: true;
}

/** How many members a restore brought back, found to be there already, left alone and could not bring back; `bytes` is what was brought back. */
export type RestoreTotals = { readonly [outcome in Restored['outcome']]: number } & { readonly bytes: number };
