import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Configuration } from './configuration.ts';
import { type RuleSet, ruleSet } from './rule-set.ts';
import type { Section } from './section.ts';

/** The section of a configuration by its name. Throws `configuration`, with the names that there are. */
export function sectionOf({ name: file, sections }: Configuration, name: string): Section {
  const section = sections.get(name);
  if (section !== undefined) return section;
  const names = [...sections.keys()].map((one) => `'${displayName(one)}'`);
  throw new StowageError('configuration', `${file} has no section '${displayName(name)}'`, {
    hint: names.length === 0 ? 'it has no sections at all' : `it has ${names.join(', ')}`,
  });
}

/** The rules of a section by its name, ready for use. Throws as `sectionOf` does. */
export function sectionRules(configuration: Configuration, section: string): RuleSet {
  return ruleSet(sectionOf(configuration, section));
}
