import type { JsonMember, JsonNode } from './json-tree.ts';
import type { ProblemList } from './problem.ts';

const names: Readonly<Record<JsonNode['kind'], string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
};

/** What a value is, in words for people. */
export function typeName(node: JsonNode): string {
  return names[node.kind];
}

/** Warns of every key that stands more than once in an object: as in Python only the last one counts. */
export function warnOfDuplicates(members: readonly JsonMember[], keys: readonly string[], list: ProblemList): void {
  const seen = new Map<string, JsonMember>();
  for (const member of members) {
    const before = seen.get(member.key);
    if (before !== undefined) {
      list.warning(
        member,
        [...keys, member.key],
        `the key stands twice: the one in line ${before.line} is ignored`,
        member.value.kind === 'object' ? 'put the contents of both into one' : 'delete one of them',
      );
    }
    seen.set(member.key, member);
  }
}
