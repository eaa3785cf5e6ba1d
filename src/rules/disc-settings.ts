import { type JsonMember, lastMembers } from './json-tree.ts';
import { typeName, warnOfDuplicates } from './json-words.ts';
import type { ProblemList } from './problem.ts';
import { settingsKey } from './section.ts';
import { nearestWord } from './suggestion.ts';

/** What `disc` in `__config__` says of a store on a disc. What is left out has a default. */
export interface DiscStoreSettings {
  /** What the disc is, by the names of Cedar Backup: its capacity. */
  readonly media?: string;
  /** An absolute path: where archives wait for their session. */
  readonly spool?: string;
}

/** The keys that `disc` may have. */
export const discKeys = ['media', 'spool'] as const;

/** Reads `disc`; what is wrong goes into the list. */
export function readDiscSettings(member: JsonMember | undefined, list: ProblemList): DiscStoreSettings {
  if (member === undefined) return {};
  const { value } = member;
  const above = [settingsKey, 'disc'];
  if (value.kind !== 'object') {
    list.error(value, above, `'disc' must be an object, not ${typeName(value)}`);
    return {};
  }
  warnOfDuplicates(value.members, above, list);
  const settings: { media?: string; spool?: string } = {};
  for (const { key, value: given, ...at } of lastMembers(value.members).values()) {
    const known = discKeys.find((one) => one === key);
    if (known === undefined) {
      const meant = nearestWord(key, discKeys);
      const suggestion = meant === undefined ? `known are ${discKeys.join(', ')}` : `did you mean '${meant}'?`;
      list.warning(at, [...above, key], `unknown key '${key}'`, suggestion);
    } else if (given.kind !== 'string' || given.value.includes('\0'))
      list.error(given, [...above, key], `'${key}' must be a string, not ${typeName(given)}`);
    else if (known === 'spool' && !given.value.startsWith('/'))
      list.error(given, [...above, key], `'spool' must be an absolute path`);
    else settings[known] = given.value;
  }
  return settings;
}
