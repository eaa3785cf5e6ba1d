import { StowageError } from '../../errors.ts';
import type { Problem } from '../../rules/problem.ts';
import { problemList } from '../../rules/problem.ts';
import type { Section } from '../../rules/section.ts';
import { readSections } from '../../rules/section-reader.ts';
import { type MapTree, treeOfMap } from './map-tree.ts';

/** A section's rules, ready for use: what is excluded, and the rules of each directory in the order of the file. */
export type CompiledMap = Section;

/**
 * Compiles the patterns and names of one section of a configuration. Throws `configuration`, in Python's words for a bad pattern, and if there
 * is no such section.
 */
export function compileMap(oldMap: MapTree, section: string): CompiledMap {
  const tree = treeOfMap(oldMap);
  const members = tree.kind === 'object' ? tree.members.filter(({ key }) => key === section) : [];
  const list = problemList();
  const compiled = readSections(members, list).get(section);
  const error = list.problems.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw notCompiled(error);
  if (compiled !== undefined) return compiled;
  throw new StowageError('configuration', `the configuration has no section '${section}'`);
}

function notCompiled(problem: Problem): StowageError {
  const hint = problem.suggestion === undefined ? {} : { hint: problem.suggestion };
  return new StowageError('configuration', problem.message, { ...hint, facts: { problems: [problem] } });
}
