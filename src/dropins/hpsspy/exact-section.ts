import type { PythonPattern } from '../../rules/python-pattern.ts';
import { type Rule, type Section, topKey } from '../../rules/section.ts';
import type { MissingArchive } from './missing-archives.ts';

/**
 * A section whose rules send each of these files to its archive, and nothing else anywhere: what a missing file says, for a run of the plan. Its
 * rules are no patterns, so it cannot go into a thread.
 */
export function exactSection(name: string, archives: Iterable<MissingArchive>): Section {
  // A file that is listed for several archives has several rules, and so is ambiguous.
  const layers: Map<string, string>[] = [];
  const first = new Map<string, string>();
  layers.push(first);
  for (const archive of archives) {
    for (const file of archive.files) layerFor(layers, file).set(file, archive.name);
  }
  const directories = new Map<string, readonly Rule[]>();
  for (const file of first.keys()) {
    const directory = file.includes('/') ? file.slice(0, file.indexOf('/')) : topKey;
    if (!directories.has(directory))
      directories.set(
        directory,
        layers.map((layer) => ruleOf(directory, layer)),
      );
  }
  return { name, excluded: allBut(first), directories, line: 1, column: 1 };
}

function layerFor(layers: Map<string, string>[], file: string): Map<string, string> {
  const free = layers.find((layer) => !layer.has(file));
  if (free !== undefined) return free;
  layers.push(new Map());
  return layers.at(-1)!;
}

const pattern = '(the missing file)';

function ruleOf(directory: string, archives: ReadonlyMap<string, string>): Rule {
  const compiled: PythonPattern = {
    source: pattern,
    groups: 0,
    groupNames: new Map(),
    engine: 'matcher',
    literalPrefix: directory === topKey ? '' : `${directory}/`,
    endsAtEnd: true,
    beginsTooLate: false,
    danger: () => undefined,
    match: (input) => (archives.has(input) ? { groups: [], span: [0, Array.from(input).length] } : undefined),
    matches: (input) => archives.has(input),
    occurs: (input) => archives.has(input),
    sub: (_, input) => archives.get(input) ?? input,
    subAtStart: (_, input) => archives.get(input),
  };
  const replacement = { source: pattern, parts: [pattern] };
  return { directory, pattern, template: pattern, compiled, replacement, kind: 'archive', line: 1, column: 1 };
}

/** Every path but these. It cannot be listed. */
function allBut(listed: ReadonlyMap<string, string>): ReadonlySet<string> {
  const none = new Set<string>();
  return {
    has: (path) => !listed.has(path),
    size: Number.POSITIVE_INFINITY,
    forEach: () => undefined,
    entries: () => none.entries(),
    keys: () => none.keys(),
    values: () => none.values(),
    [Symbol.iterator]: () => none[Symbol.iterator](),
  };
}
