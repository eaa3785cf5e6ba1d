/** The public entry `stowage/rules`: HPSSPy's configuration and Python's `re`, from a path to its fate, without disk or store. */
export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export {
  type Configuration,
  type ConfigurationReading,
  readConfiguration,
} from './rules/configuration.ts';
export type { Fate, Refusal } from './rules/fate.ts';
export type { PatternFacts } from './rules/pattern-error.ts';
export type { Problem } from './rules/problem.ts';
export {
  type PatternMatch,
  type PatternOptions,
  type PythonPattern,
  pythonPattern,
} from './rules/python-pattern.ts';
export type { RuleSet } from './rules/rule-set.ts';
export type { Rule, Section } from './rules/section.ts';
export { sectionRules as ruleSet } from './rules/section-rules.ts';
export { type Template, template } from './rules/template.ts';
