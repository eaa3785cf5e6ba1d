import type { CompleteListing } from '../../shards/listing-file.ts';

/** What is said of listings: made, gone on with, taken from elsewhere, used again. */
export type ListingEvent =
  | {
      readonly kind: 'scan-resumed';
      readonly section: string;
      readonly begunAt: string;
      /** How many it had listed. */
      readonly entries: number;
    }
  | {
      readonly kind: 'scanned';
      readonly section: string;
      readonly listing: CompleteListing;
      readonly milliseconds: number;
      /** How many entries were looked at in that time. */
      readonly looked: number;
    }
  | {
      readonly kind: 'list-differs';
      readonly section: string;
      readonly path: string;
      readonly what: 'gone' | 'type' | 'size' | 'time' | 'mode' | 'owner' | 'target';
    }
  | {
      readonly kind: 'list-checked';
      readonly section: string;
      readonly source: CompleteListing['source'];
      readonly looked: number;
      readonly differing: number;
      /** Entries of the list that are no part of the section. */
      readonly outside: number;
    }
  | { readonly kind: 'listing-used'; readonly section: string; readonly listing: CompleteListing }
  | { readonly kind: 'no-listing'; readonly section: string };

export type { CompleteListing } from '../../shards/listing-file.ts';
