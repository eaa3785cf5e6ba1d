import type { Diagnosis } from '../store/examination.ts';
import type { ArchiveEvent } from './archive/archive-event.ts';
import type { CheckEvent } from './check-event.ts';
import type { ListingEvent } from './listing/listing-event.ts';
import type { RestoreEvent } from './restore/restore-event.ts';
import type { SandboxFacts, SandboxGridFacts } from './sandbox-facts.ts';
import type { SearchEvent } from './search/search-event.ts';
import type { SurveyEvent } from './survey/survey-event.ts';
import type { VerifyEvent } from './verify/verify-event.ts';

/** What a verb has to say, one at a time. Archives are store keys, paths are relative to the section. docs/json.md describes the JSON form. */
export type Event =
  | CheckEvent
  | ListingEvent
  | SurveyEvent
  | ArchiveEvent
  | VerifyEvent
  | SearchEvent
  | RestoreEvent
  | { readonly kind: 'failed'; readonly what: string; readonly error: unknown }
  | { readonly kind: 'unknown-path'; readonly section: string; readonly path: string }
  | { readonly kind: 'unlocked'; readonly section: string; readonly holder: string | undefined }
  | ({ readonly kind: 'examined'; readonly check: string } & Diagnosis)
  | {
      readonly kind: 'diagnosed';
      readonly ok: number;
      readonly warnings: number;
      readonly problems: number;
      readonly unseen: number;
    }
  | { readonly kind: 'script'; readonly shell: string; readonly text: string }
  | ({ readonly kind: 'sandbox' } & SandboxFacts)
  | ({ readonly kind: 'sandbox-grid' } & SandboxGridFacts)
  | {
      readonly kind: 'rebuilt';
      readonly section: string;
      readonly archives: number;
      readonly adopted: number;
      readonly members: number;
    };
