import { displayName } from '../model/byte-name.ts';
import type { Event } from '../verbs/events.ts';
import type { DifferenceKind } from '../verbs/reconcile/difference.ts';
import { countText, numberText, sizeText } from './quantities.ts';

const words: { readonly [kind in DifferenceKind]: readonly [noun: string, what: string] } = {
  'in-motion': ['archive', 'changed while all this was looked at, and not judged'],
  unseen: ['place', 'that could not be looked at'],
  missing: ['archive', 'not in the store, to be made'],
  changed: ['archive', 'of which members are new or changed since'],
  damaged: ['archive', 'damaged, to be made again'],
  lost: ['archive', 'recorded and no longer in the store'],
  altered: ['archive', 'in the store, not what was recorded'],
  unrecorded: ['archive', 'in the store, not in the record'],
  unexplained: ['object', 'in the store, explained by nothing'],
  'unknown-runs': ['finding', 'of runs that the record lacks'],
  unmapped: ['file', 'that no rule maps'],
  ambiguous: ['file', 'that more than one rule maps'],
  'plain-clash': ['file', 'mapped to one plain object with others'],
  refused: ['file', 'that a rule maps and that is not archived'],
  withheld: ['archive', 'that is due and is not made'],
  gone: ['file', 'archived and gone from disk'],
};

/** How disk, record and store of a section compare: the kinds of differences, each with how much there is of it. */
export function reconciledText(event: Event & { readonly kind: 'reconciled' }): string {
  const { section, entries, recorded, listed, differences } = event;
  const sides = `${countText(entries, 'entry', 'entries')} on disk, ${countText(recorded, 'archive')} recorded, ${countText(listed, 'object')} in the store`;
  const head = `${displayName(section)}: ${sides}`;
  if (differences.length === 0) return `${head}\n  all agree`;
  const width = Math.max(...differences.map(({ difference }) => difference.length));
  const lines = differences.map(({ difference, count, bytes }) => {
    const [noun, what] = words[difference];
    const size = bytes === undefined ? '' : ` (${sizeText(bytes)})`;
    return `  ${difference.padEnd(width)}  ${numberText(count)} ${count === 1 ? noun : `${noun}s`}${size} ${what}`;
  });
  return [head, ...lines].join('\n');
}
