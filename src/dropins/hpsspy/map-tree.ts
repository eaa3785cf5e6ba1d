import { StowageError } from '../../errors.ts';
import { type JsonNode, readJson } from '../../rules/json-tree.ts';

/**
 * A configuration as a program has it: what `JSON.parse` gives, or Maps, which keep the order of keys that look like numbers; or what
 * `readJson` of `stowage/rules` gives, which keeps everything.
 */
export type MapTree = JsonNode | object;

/** The tree of a configuration. Throws `configuration` for what JSON cannot say. */
export function treeOfMap(map: MapTree): JsonNode {
  return isTree(map) ? map : readJson(Buffer.from(textOf(map), 'utf8'));
}

function isTree(map: MapTree): map is JsonNode {
  return 'kind' in map && map.kind === 'object' && 'members' in map && Array.isArray(map.members);
}

function textOf(value: unknown): string {
  if (value instanceof Map || (typeof value === 'object' && value !== null && !Array.isArray(value))) {
    const members = value instanceof Map ? [...value] : Object.entries(value);
    return `{${members.map(([key, one]) => `${JSON.stringify(String(key))}:${textOf(one)}`).join(',')}}`;
  }
  if (value instanceof Set || Array.isArray(value)) return `[${[...value].map(textOf).join(',')}]`;
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new StowageError('configuration', `a map cannot hold a ${typeof value}`);
  return text;
}
