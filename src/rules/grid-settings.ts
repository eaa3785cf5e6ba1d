import { exactInteger, type JsonMember, lastMembers } from './json-tree.ts';
import { typeName, warnOfDuplicates } from './json-words.ts';
import type { ProblemList } from './problem.ts';
import { settingsKey } from './section.ts';
import { nearestWord } from './suggestion.ts';

/** What `grid` in `__config__` says of a store on the Grid. What is left out has a default. */
export interface GridStoreSettings {
  /** Where replicas go: so many of a quality, names of storage elements, `!` for one that is not wanted. */
  readonly replicas?: readonly string[];
  /** An absolute path: where archives are put aside before they are sent. */
  readonly spool?: string;
  /** How many archives are written at once. */
  readonly writes?: number;
}

/** The keys that `grid` may have. */
export const gridKeys = ['replicas', 'spool', 'writes'] as const;

const writesRange = [1, 16] as const;

/** `disk:2`, `A::B::C`, `!A::B::C`, as `access` of the central server takes them. */
const replicaForm = /^(\w+:[1-9]\d?|!?[^\s:,!]+::[^\s:,!]+::[^\s:,!]+)$/;

/** Reads `grid`; what is wrong goes into the list. An unknown key is an error: it may be one that was to say how safe the archives are. */
export function readGridSettings(member: JsonMember | undefined, list: ProblemList): GridStoreSettings {
  if (member === undefined) return {};
  const { value } = member;
  const above = [settingsKey, 'grid'];
  if (value.kind !== 'object') {
    list.error(value, above, `'grid' must be an object, not ${typeName(value)}`);
    return {};
  }
  warnOfDuplicates(value.members, above, list);
  const settings: { replicas?: readonly string[]; spool?: string; writes?: number } = {};
  for (const { key, value: given, ...at } of lastMembers(value.members).values()) {
    const refuse = (what: string, suggestion?: string) => list.error(given, [...above, key], what, suggestion);
    if (key === 'writes') {
      const number = exactInteger(given);
      const [least, most] = writesRange;
      if (number !== undefined && number >= least && number <= most) settings.writes = Number(number);
      else refuse(`'writes' must be a whole number from ${least} to ${most}`);
    } else if (key === 'spool' || key === 'replicas') {
      if (given.kind !== 'string' || given.value.includes('\0')) {
        refuse(`'${key}' must be a string, not ${typeName(given)}`);
      } else if (key === 'spool') {
        if (given.value.startsWith('/')) settings.spool = given.value;
        else refuse("'spool' must be an absolute path");
      } else {
        const words = given.value.split(',').map((word) => word.trim());
        const strange = words.find((word) => !replicaForm.test(word));
        const isAnything = words.some((word) => !word.startsWith('!'));
        if (strange !== undefined)
          refuse(
            `'replicas' cannot have '${strange}'`,
            'write it as "disk:2", "ALICE::CERN::EOS" or "disk:2,!ALICE::CERN::EOS"',
          );
        else if (!isAnything)
          refuse("'replicas' says only where none shall be", 'add how many: "disk:2,!ALICE::CERN::EOS"');
        else settings.replicas = words;
      }
    } else {
      const meant = nearestWord(key, gridKeys);
      const suggestion = meant === undefined ? `known are ${gridKeys.join(', ')}` : `did you mean '${meant}'?`;
      list.error(at, [...above, key], `unknown key '${key}'`, suggestion);
    }
  }
  return settings;
}
