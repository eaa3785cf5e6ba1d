import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Configuration } from '../rules/configuration.ts';
import type { Problem } from '../rules/problem.ts';
import { settingsKey } from '../rules/section.ts';
import { absentPlaces } from './absent-places.ts';
import type { Event } from './events.ts';

/**
 * What is wrong with a configuration, the errors first, then what is not on disk, then what it says. With `section`, only warnings that
 * concern it or all; errors always, for one anywhere stops every use. That nothing is mounted is a warning. Throws `configuration` for a section that is not there.
 */
export async function* check(
  inspected: { readonly configuration: Configuration | undefined; readonly problems: readonly Problem[] },
  section?: string,
): AsyncGenerator<Event> {
  const { configuration } = inspected;
  const all = [...(configuration?.sections.values() ?? [])];
  const chosen = all.filter((one) => section === undefined || one.name === section);
  const absent = configuration === undefined ? [] : await absentPlaces(configuration, chosen);
  const told = inspected.problems.filter(
    (one) => section === undefined || one.severity === 'error' || concerns(one, section),
  );
  const problems = [...told, ...absent];
  for (const problem of problems) yield { kind: 'problem', problem };
  if (configuration !== undefined && section !== undefined && chosen.length === 0) {
    throw new StowageError('configuration', `${configuration.name} has no section '${displayName(section)}'`, {
      hint: `it has ${all.map((one) => `'${displayName(one.name)}'`).join(', ') || 'no sections at all'}`,
    });
  }
  const sections = chosen.map((one) => ({
    section: one.name,
    directories: one.directories.size,
    patterns: [...one.directories.values()].reduce((sum, rules) => sum + rules.length, 0),
  }));
  const errors = problems.filter((one) => one.severity === 'error').length;
  yield { kind: 'checked', sections, errors, warnings: problems.length - errors };
}

function concerns({ keys }: Problem, section: string): boolean {
  return keys.length === 0 || keys[0] === settingsKey || keys[0] === section;
}
