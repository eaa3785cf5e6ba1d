import { readIfThere } from '../../durable/read-if-there.ts';
import type { Aliases } from './grammar.ts';

/** The aliases of a file of `name=value` lines. `#` begins a comment line; quotes around a value go. */
export function parseAliases(text: string): Aliases {
  const aliases = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([^\s=#][^\s=]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) aliases.set(name, value.replace(/^"(.*)"$/, '$1'));
  }
  return aliases;
}

/** The aliases of the user, from `~/.alienpy_aliases`; none if there is no such file. */
export async function readAliases(home: string): Promise<Aliases> {
  return parseAliases((await readIfThere(`${home}/.alienpy_aliases`)) ?? '');
}
