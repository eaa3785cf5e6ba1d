import { pythonPattern } from './python-pattern.ts';
import type { Rule, Section } from './section.ts';
import { template } from './template.ts';

/** A section as plain data, so that it can go into a thread: compiled patterns cannot. */
export interface SectionData extends Omit<Section, 'excluded' | 'directories'> {
  readonly excluded: readonly string[];
  readonly rules: readonly Omit<Rule, 'compiled' | 'replacement'>[];
  /** Directories with no rules of their own count as described by nobody; they are kept for their order. */
  readonly directories: readonly string[];
}

/** All rules of a section, directory by directory, in the order of the file. */
export function rulesOf(section: Section): readonly Rule[] {
  return [...section.directories.values()].flat();
}

/** The section as data. */
export function sectionData(section: Section): SectionData {
  return {
    name: section.name,
    line: section.line,
    column: section.column,
    excluded: [...section.excluded],
    directories: [...section.directories.keys()],
    rules: rulesOf(section).map(({ compiled: _, replacement: __, ...rule }) => rule),
  };
}

/** The section that the data are of, compiled again. Its rules are in the same order. */
export function sectionFromData(data: SectionData): Section {
  const directories = new Map<string, Rule[]>(data.directories.map((directory) => [directory, []]));
  for (const rule of data.rules) {
    const compiled = pythonPattern(rule.pattern);
    const replacement = template(rule.template, compiled.groups, compiled.groupNames);
    directories.get(rule.directory)!.push({ ...rule, compiled, replacement });
  }
  return {
    name: data.name,
    line: data.line,
    column: data.column,
    excluded: new Set(data.excluded),
    directories,
  };
}

/** The rules of a section by their number: threads name them so. */
export function ruleNumbers(section: Section): ReadonlyMap<Rule, number> {
  return new Map(rulesOf(section).map((rule, index) => [rule, index]));
}
