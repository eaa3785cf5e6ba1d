import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Configuration } from '../rules/configuration.ts';
import type { Problem } from '../rules/problem.ts';
import type { Event } from './events.ts';

/** What is wrong with a configuration, the errors first, then what it says. With `section`, only what concerns that section or all. Throws `configuration` for a section that is not there. */
export function* check(
  inspected: { readonly configuration: Configuration | undefined; readonly problems: readonly Problem[] },
  section?: string,
): Generator<Event> {
  const { configuration } = inspected;
  const problems = inspected.problems.filter((one) => section === undefined || concerns(one, section));
  for (const problem of problems) yield { kind: 'problem', problem };
  const all = [...(configuration?.sections.values() ?? [])];
  if (configuration !== undefined && section !== undefined && !configuration.sections.has(section)) {
    throw new StowageError('configuration', `${configuration.name} has no section '${displayName(section)}'`, {
      hint: `it has ${all.map((one) => `'${displayName(one.name)}'`).join(', ') || 'no sections at all'}`,
    });
  }
  const sections = all
    .filter((one) => section === undefined || one.name === section)
    .map((one) => ({
      section: one.name,
      directories: one.directories.size,
      patterns: [...one.directories.values()].reduce((sum, rules) => sum + rules.length, 0),
    }));
  const errors = problems.filter((one) => one.severity === 'error').length;
  yield { kind: 'checked', sections, errors, warnings: problems.length - errors };
}

function concerns(problem: Problem, section: string): boolean {
  return (
    problem.where === '' ||
    problem.where.startsWith('__config__') ||
    problem.where === section ||
    problem.where.startsWith(`${section} › `)
  );
}
