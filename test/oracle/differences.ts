import { readFileSync } from 'node:fs';

/** The recorded cases in which Stowage differs from the original on purpose, with the reason: the tables of `docs/differences.md`. */
export function listedDifferences(): Map<string, string> {
  const text = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
  const listed = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('|') || /^\|[ -]*\|/.test(line) || line.startsWith('| case ')) continue;
    const [, name, original, stowage, why, ...rest] = line.split('|').map((cell) => cell.trim());
    if (!name || !original || !stowage || !why || rest.join('') !== '') {
      throw new Error(`docs/differences.md: not four cells: ${line}`);
    }
    if (listed.has(name)) throw new Error(`docs/differences.md: '${name}' is listed twice`);
    listed.set(name, why);
  }
  return listed;
}
