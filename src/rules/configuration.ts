import { inspectJson, type JsonMember, type JsonNode, lastMembers, type TextPosition } from './json-tree.ts';
import { typeName, warnOfDuplicates } from './json-words.ts';
import { type Problem, type ProblemList, problemList } from './problem.ts';
import { type Section, schemaKey, settingsKey } from './section.ts';
import { readSections } from './section-reader.ts';
import { readSettings, type Settings } from './settings-reader.ts';
import { nearestWord } from './suggestion.ts';

/** A configuration without errors: where the data are, where the archives go, and the rules. */
export interface Configuration extends Settings {
  /** The name of the file, as it was given. */
  readonly name: string;
  /** In the order of the file. */
  readonly sections: ReadonlyMap<string, Section>;
}

/** What was read, and all that is wrong with it, errors before warnings and then by position. */
export interface ConfigurationReading {
  /** Undefined if there is an error anywhere, in whatever section. */
  readonly configuration: Configuration | undefined;
  readonly problems: readonly Problem[];
}

const wholeFile: TextPosition = { line: 1, column: 1 };

/** Reads a configuration file in HPSSPy's language and finds all problems at once. `name` is the name of the file. */
export function readConfiguration(bytes: Uint8Array, name: string): ConfigurationReading {
  const list = problemList();
  // As Python's splitext sees it: a file called just '.json' has no extension.
  if (!/[^/.][^/]*\.json$/.test(name))
    list.warning(wholeFile, [], `'${name}' might not be a JSON file: its name does not end in '.json'`);
  const { root, faults } = inspectJson(bytes);
  for (const { reason, ...at } of faults) list.error(at, [], `not valid JSON: ${reason}`);
  const configuration = root === undefined ? undefined : configurationOf(root, name, list);
  const problems = [...list.problems].sort(bySeverityAndPosition);
  return { configuration: problems.some(({ severity }) => severity === 'error') ? undefined : configuration, problems };
}

function configurationOf(root: JsonNode, name: string, list: ProblemList): Configuration | undefined {
  if (root.kind !== 'object') {
    list.error(root, [], `the configuration must be an object, not ${typeName(root)}`);
    return undefined;
  }
  warnOfDuplicates(root.members, [], list);
  const entry = lastMembers(root.members).get(settingsKey);
  checkSchemaKey(lastMembers(root.members).get(schemaKey), list);
  if (entry === undefined && !root.members.some(({ key }) => nearestWord(key, [settingsKey]) !== undefined)) {
    list.error(root, [], `there is no '${settingsKey}'`, `add "${settingsKey}": { "root": …, "store": … }`);
  }
  const settings = entry === undefined ? undefined : readSettings(entry, list);
  const sections = readSections(root.members, list);
  return settings === undefined ? undefined : { ...settings, name, sections };
}

/** Where editors find the schema; it says nothing to us. */
function checkSchemaKey(member: JsonMember | undefined, list: ProblemList): void {
  if (member === undefined || member.value.kind === 'string') return;
  list.error(
    member.value,
    [schemaKey],
    `'${schemaKey}' must be the URL or path of a JSON Schema, not ${typeName(member.value)}`,
    'it is for editors; a section cannot have that name',
  );
}

function bySeverityAndPosition(one: Problem, other: Problem): number {
  if (one.severity !== other.severity) return one.severity === 'error' ? -1 : 1;
  return one.line - other.line || one.column - other.column;
}
