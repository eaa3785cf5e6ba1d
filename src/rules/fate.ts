import type { Rule } from './section.ts';

/** Why a path that a rule maps cannot be archived. */
export type Refusal =
  | {
      readonly kind: 'illegal-name';
      /** The name that the rule gives. */
      readonly name: string;
      readonly why: string;
    }
  /** The rule's pattern runs out of time on this path. */
  | { readonly kind: 'timed-out' };

/** What the rules of a section say becomes of a path. */
export type Fate =
  /** `archive` is relative to the section's place in the store. */
  | { readonly kind: 'archived'; readonly archive: string; readonly rule: Rule }
  | { readonly kind: 'excluded' | 'automated'; readonly rule: Rule | '__exclude__' }
  /** More than one rule matches, of whatever kind, even if all give one name. */
  | { readonly kind: 'ambiguous'; readonly rules: readonly Rule[] }
  /** `described` is false if the section says nothing about the directory: it has no entry, or an empty one. */
  | { readonly kind: 'unmapped'; readonly directory: string; readonly described: boolean }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly rule: Rule };
