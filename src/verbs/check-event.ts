import type { Problem } from '../rules/problem.ts';
import type { ExplainedPath } from './explained-path.ts';

/** What checking a configuration, and explaining a path by it, have to say. */
export type CheckEvent =
  | { readonly kind: 'problem'; readonly problem: Problem }
  | {
      readonly kind: 'checked';
      readonly sections: readonly SectionSummary[];
      readonly errors: number;
      readonly warnings: number;
    }
  | { readonly kind: 'explained'; readonly explained: ExplainedPath }
  | { readonly kind: 'doubtful'; readonly configuration: string; readonly warnings: number };

export interface SectionSummary {
  readonly section: string;
  readonly directories: number;
  readonly patterns: number;
}
