import { inspectJson, type JsonNode, type TextPosition } from '../../rules/json-tree.ts';
import { type Problem, problemList } from '../../rules/problem.ts';
import { nearestWord } from '../../rules/suggestion.ts';
import { configurationOf } from './configuration-of.ts';
import { type DataPath, plainData } from './plain-data.ts';
import type { PoolConfiguration } from './pool-configuration.ts';
import { poolSchema } from './pool-schema.ts';
import { inspectXml, rootElement } from './xml-tree.ts';

/** What was read, and all that is wrong with it, errors before warnings and then by position. */
export interface PoolReading {
  /** Undefined if there is an error. */
  readonly configuration: PoolConfiguration | undefined;
  readonly problems: readonly Problem[];
  /** The same structure as JSON has it, less what is unknown; undefined if there is an error. */
  readonly data: unknown;
  readonly language: 'xml' | 'json';
}

export interface PoolReadingOptions {
  /** What an element of the XML is that nobody knows; a warning, if not given, as a nightly backup must not stop for it. In JSON it is an error always. */
  readonly unknown?: 'error' | 'warning';
}

/** Reads `cback3.conf`, or the same structure as JSON, and finds all problems at once. `name` is the name of the file. */
export function readPoolConfiguration(bytes: Uint8Array, name: string, options: PoolReadingOptions = {}): PoolReading {
  const list = problemList();
  const language = firstSign(bytes) === '{' ? 'json' : 'xml';
  const { root, faults } = language === 'json' ? inspectJson(bytes) : inspectXml(bytes);
  for (const { reason, ...at } of faults) list.error(at, [], `not valid ${language.toUpperCase()}: ${reason}`);
  const top = root === undefined ? undefined : topOf(root, language);
  if (root !== undefined && top === undefined) {
    const message = language === 'xml' ? `the element <${rootElement}> must hold all others` : 'must be an object';
    list.error(root, [], message);
  }
  if (top === undefined) return { configuration: undefined, problems: list.problems, data: undefined, language };

  const unknown = language === 'json' || options.unknown === 'error' ? list.error : list.warning;
  const data = plainData(top, poolSchema, language, {
    unknown: (at, path, meant) => {
      const what = language === 'xml' ? 'element' : 'key';
      unknown(at, keysOf(path), `there is no such ${what}`, meant === undefined ? undefined : `is '${meant}' meant?`);
    },
    repeated: (at, path) => {
      const which = language === 'xml' ? 'first' : 'last';
      list.warning(at, keysOf(path), `stands more than once: only the ${which} counts`, 'delete the others');
    },
  });
  const parsed = poolSchema.safeParse(data.value);
  for (const issue of parsed.error?.issues ?? []) {
    const { message, suggestion } = wordsFor(issue as Issue, at(data.value, issue.path as DataPath));
    list.error(data.positionOf(issue.path as DataPath), keysOf(issue.path as DataPath), message, suggestion);
  }
  const problems = [...list.problems].sort(bySeverityAndPosition);
  const sound = parsed.success && problems.every(({ severity }) => severity !== 'error');
  return {
    configuration: sound ? configurationOf(parsed.data, name) : undefined,
    problems,
    data: sound ? parsed.data : undefined,
    language,
  };
}

function firstSign(bytes: Uint8Array): string | undefined {
  const first = bytes.find((byte) => byte > 0x20);
  return first === undefined ? undefined : String.fromCharCode(first);
}

/** The object that holds the sections. */
function topOf(root: JsonNode, language: 'xml' | 'json'): (JsonNode & { readonly kind: 'object' }) | undefined {
  if (root.kind !== 'object') return undefined;
  if (language === 'json') return root;
  const one = root.members.find(({ key }) => key === rootElement)?.value;
  if (one === undefined || one.kind === 'object') return one;
  return { line: one.line, column: one.column, kind: 'object', members: [] };
}

/** Keys for people: a place in a list, which counts from 1, stands with the name of the list. */
function keysOf(path: DataPath): readonly string[] {
  const keys: string[] = [];
  for (const one of path) {
    if (typeof one === 'number') keys.push(`${keys.pop() ?? ''} ${one + 1}`.trim());
    else keys.push(one);
  }
  return keys;
}

function at(value: unknown, path: DataPath): unknown {
  let here = value;
  for (const key of path) here = (here as Record<string | number, unknown> | undefined)?.[key];
  return here;
}

interface Issue {
  readonly code: string;
  readonly message: string;
  readonly expected?: string;
  readonly values?: readonly string[];
}

function wordsFor(issue: Issue, value: unknown): { readonly message: string; readonly suggestion?: string } {
  if (issue.code === 'custom' || issue.code === 'unrecognized_keys') return { message: issue.message };
  if (value === undefined) return { message: 'is missing' };
  const given = typeof value === 'object' ? '' : `, not '${String(value)}'`;
  if (issue.code === 'invalid_value' && issue.values !== undefined) {
    const meant = typeof value === 'string' ? nearestWord(value, issue.values) : undefined;
    const known = issue.values.map((one) => `'${one}'`).join(', ');
    return {
      message: `must be ${issue.values.length > 1 ? 'one of ' : ''}${known}${given}`,
      ...(meant === undefined ? {} : { suggestion: `is '${meant}' meant?` }),
    };
  }
  if (issue.code === 'invalid_type')
    return { message: `must be ${nouns[issue.expected ?? ''] ?? issue.expected}${given}` };
  return { message: `${issue.message}${given}` };
}

const nouns: Readonly<Record<string, string>> = { object: 'an object', array: 'a list', string: 'text' };

function bySeverityAndPosition(one: Problem, other: Problem): number {
  if (one.severity !== other.severity) return one.severity === 'error' ? -1 : 1;
  return compare(one, other);
}

function compare(one: TextPosition, other: TextPosition): number {
  return one.line - other.line || one.column - other.column;
}
