import { unsafePath } from '../model/relative-path.ts';
import { ownPrefix } from '../model/store-key.ts';
import { type JsonMember, type JsonNode, lastMembers } from './json-tree.ts';
import { typeName, warnOfDuplicates } from './json-words.ts';
import type { ProblemList } from './problem.ts';
import { overlaps } from './rule-overlap.ts';
import { readRule } from './rule-reader.ts';
import { excludeKey, type Rule, type Section, schemaKey, settingsKey, topKey } from './section.ts';
import { nearestWord } from './suggestion.ts';

/** All sections of a configuration, in the order of the file. What is wrong with them goes into the list; such a section is not among them. */
export function readSections(members: readonly JsonMember[], list: ProblemList): ReadonlyMap<string, Section> {
  const sections = new Map<string, Section>();
  for (const member of lastMembers(members).values()) {
    if (member.key === settingsKey || member.key === schemaKey) continue;
    const section = readSection(member, list);
    if (section !== undefined) sections.set(section.name, section);
  }
  return sections;
}

function readSection({ key: name, value, ...at }: JsonMember, list: ProblemList): Section | undefined {
  const meant = misspelt(name, [settingsKey]);
  if (meant !== undefined) {
    list.error(at, [name], `'${name}' is no section`, `did you mean '${meant}'?`);
    return undefined;
  }
  const problem =
    unsafePath(name) ?? (name.startsWith(ownPrefix.slice(0, -1)) ? 'the name is used by Stowage itself' : undefined);
  if (problem !== undefined) list.error(at, [name], `'${name}' cannot be a section: ${problem}`);
  if (value.kind !== 'object') {
    list.error(value, [name], `a section must be an object, not ${typeName(value)}`);
    return undefined;
  }
  warnOfDuplicates(value.members, [name], list);
  const entries = lastMembers(value.members);
  const excludeEntry = entries.get(excludeKey);
  // One that is misspelt is told of as an error.
  if (excludeEntry === undefined && ![...entries.keys()].some((key) => misspelt(key, [excludeKey]) !== undefined))
    list.warning(at, [name], `the section should have an '${excludeKey}' entry`, `add "${excludeKey}": []`);
  const excluded = excludeEntry === undefined ? new Set<string>() : readExcluded(name, excludeEntry.value, list);
  const directories = new Map<string, readonly Rule[]>();
  for (const entry of entries.values()) {
    if (entry.key !== excludeKey) directories.set(entry.key, readDirectory(name, entry, list));
  }
  const { line, column } = at;
  return { name, excluded, directories, line, column };
}

function readExcluded(section: string, value: JsonNode, list: ProblemList): ReadonlySet<string> {
  const excluded = new Set<string>();
  const keys = [section, excludeKey];
  if (value.kind !== 'array') {
    const suggestion = value.kind === 'string' ? 'put it in a list: ["…"]' : undefined;
    list.error(value, keys, `'${excludeKey}' must be a list of paths, not ${typeName(value)}`, suggestion);
    return excluded;
  }
  for (const item of value.items) {
    if (item.kind === 'string') excluded.add(item.value);
    else list.error(item, keys, `a path must be a string, not ${typeName(item)}`);
  }
  return excluded;
}

function readDirectory(section: string, { key, value, ...at }: JsonMember, list: ProblemList): readonly Rule[] {
  const keys = [section, key];
  const meant = misspelt(key, [excludeKey, topKey]);
  if (meant !== undefined) {
    list.error(at, keys, `'${key}' is no directory`, `did you mean '${meant}'?`);
    return [];
  }
  if (value.kind !== 'object') {
    list.error(
      value,
      keys,
      `a directory's entry must be an object of patterns and archive names, not ${typeName(value)}`,
      `write it as {"${key === topKey ? '' : `${key}/`}.*$": "${value.kind === 'string' ? value.value : `${key}.tar`}"}`,
    );
    return [];
  }
  if (key === '' || key.includes('/')) {
    list.warning(
      at,
      keys,
      `'${key}' is never used: the entries of a section are for the first part of a path`,
      `put its patterns into the entry "${key.split('/').find((part) => part !== '') ?? topKey}"`,
    );
  }
  warnOfDuplicates(value.members, keys, list);
  const rules = [...lastMembers(value.members).values()]
    .map((member) => readRule(section, key, member, list))
    .filter((rule) => rule !== undefined);
  for (const { rule, coveredBy } of overlaps(rules)) {
    list.warning(
      rule,
      [...keys, rule.pattern],
      `every path that the pattern matches, '${coveredBy.pattern}' in line ${coveredBy.line} matches too: such paths are ambiguous and go nowhere`,
      'exactly one pattern must match: make the wider one narrower, or delete one of them',
    );
  }
  return rules;
}

/** The key with underscores that was meant by one with underscores that is none; `__pycache__` and the like are directories. */
function misspelt(key: string, known: readonly string[]): string | undefined {
  const looksSpecial = key.startsWith('__') || key.endsWith('__') || /^_.+_$/.test(key);
  return looksSpecial && !known.includes(key) ? nearestWord(key, known) : undefined;
}
