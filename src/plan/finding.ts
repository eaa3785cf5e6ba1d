import type { EntryType } from '../model/entry.ts';

/** Why an entry that a rule maps is not archived all the same. */
export type RefusalReason =
  | { readonly kind: 'special'; readonly type: EntryType }
  | { readonly kind: 'unreadable' | 'vanished'; readonly reason: string }
  | { readonly kind: 'several-disks'; readonly disks: readonly string[] }
  | { readonly kind: 'illegal-name'; readonly name: string; readonly why: string }
  | { readonly kind: 'timed-out'; readonly pattern: string }
  | { readonly kind: 'link-as-plain'; readonly archive: string }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number }
  | { readonly kind: 'leftover' };

/** Something about a section that its user must hear. Paths are relative to the section, archives are store keys. */
export type Finding =
  | { readonly kind: 'unmapped'; readonly path: string; readonly directory: string; readonly described: boolean }
  | { readonly kind: 'ambiguous'; readonly path: string; readonly patterns: readonly string[] }
  | { readonly kind: 'plain-clash'; readonly path: string; readonly archive: string }
  | { readonly kind: 'refused'; readonly path: string; readonly why: RefusalReason }
  | { readonly kind: 'unseen'; readonly path: string; readonly reason: string }
  | { readonly kind: 'all-gone'; readonly members: number }
  | { readonly kind: 'unknown-runs'; readonly runs: readonly string[] }
  | { readonly kind: 'withheld'; readonly archive: string; readonly why: Withheld }
  | { readonly kind: 'obstacle'; readonly reason: string; readonly advice?: string }
  | { readonly kind: 'changing'; readonly archive: string; readonly path: string }
  | { readonly kind: 'torn'; readonly archive: string; readonly path: string }
  | { readonly kind: 'gone'; readonly archive: string; readonly path: string; readonly bytes: number }
  | { readonly kind: 'remapped'; readonly archive: string; readonly path: string }
  | { readonly kind: 'attributes'; readonly archive: string; readonly path: string }
  | { readonly kind: 'never-verified'; readonly archive: string }
  | { readonly kind: 'unexplained'; readonly archive: string; readonly bytes: number }
  | {
      readonly kind: 'in-motion';
      readonly archive: string;
      readonly what: 'came' | 'went' | 'changed' | 'recorded';
      readonly bytes?: number;
    }
  | {
      readonly kind: 'lost';
      readonly archive: string;
      readonly recordedAt: string;
      readonly members: number;
      readonly bytes: number;
    }
  | { readonly kind: 'altered'; readonly archive: string; readonly bytes: number }
  | { readonly kind: 'unrecorded'; readonly archive: string; readonly bytes: number }
  | { readonly kind: 'foreign'; readonly archive: string; readonly path: string; readonly what: string }
  | { readonly kind: 'bad-copy'; readonly archive: string; readonly reason: string }
  | { readonly kind: 'dropped'; readonly archive: string; readonly path: string }
  | { readonly kind: 'empty-directory'; readonly path: string; readonly archive?: string };

/** Why an archive that is due is not made. */
export type Withheld =
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number }
  | { readonly kind: 'blind'; readonly directories: readonly string[] }
  | { readonly kind: 'old-unreadable'; readonly reason: string; readonly gone: number }
  | { readonly kind: 'would-shrink'; readonly gone: number }
  | { readonly kind: 'replaced-by-others' }
  | { readonly kind: 'lost'; readonly gone: number; readonly recordedAt: string }
  | { readonly kind: 'name-conflict'; readonly with: string }
  | { readonly kind: 'obstacle'; readonly reason: string };

/** `blind`: something could not be looked at. `problem`: something is not as it should be. `notice`: good to know. */
export type Severity = 'blind' | 'problem' | 'notice';

const severities: { readonly [kind in Finding['kind']]: Severity } = {
  unmapped: 'problem',
  ambiguous: 'problem',
  'plain-clash': 'problem',
  refused: 'problem',
  unseen: 'blind',
  'all-gone': 'problem',
  'unknown-runs': 'problem',
  withheld: 'problem',
  obstacle: 'problem',
  changing: 'notice',
  torn: 'problem',
  gone: 'notice',
  remapped: 'notice',
  attributes: 'notice',
  'never-verified': 'notice',
  unexplained: 'notice',
  'in-motion': 'blind',
  lost: 'problem',
  altered: 'problem',
  unrecorded: 'problem',
  foreign: 'notice',
  'bad-copy': 'notice',
  dropped: 'notice',
  'empty-directory': 'notice',
};

/** How much a finding weighs in the exit status. */
export function severityOf(finding: Finding): Severity {
  // Whatever the reason: it was asked for, and could not be looked at.
  if (finding.kind === 'refused' && finding.why.kind === 'unreadable') return 'blind';
  return severities[finding.kind];
}
