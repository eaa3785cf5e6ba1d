import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { copyFlags } from '../../src/dropins/alien/copy/copy-flags.ts';
import { copyFilters, copyUsage } from '../../src/dropins/alien/copy/copy-usage.ts';
import { xrdVariables } from '../../src/dropins/alien/copy/xrd-variables.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/grid.md', import.meta.url)), 'utf8');
const section = page.slice(page.indexOf('## Copying files'), page.indexOf('## The shell'));
const fates = { done: '', always: 'always so: ', told: 'changes nothing: ', refused: 'refused: ' };

/** The rows as they have to be. */
const options = [
  ...copyFlags.map(({ names, value, kind, says }) => {
    const shown = names.map((name) => `\`${name}${value === undefined ? '' : ` ${value}`}\``).join(', ');
    return `| ${shown} | ${fates[kind]}${says} |`;
  }),
  ...copyFilters.map(([option, says]) => `| \`${option}\` | ${says} |`),
];
const variables = Object.entries(xrdVariables).map(([name, { says }]) => `| \`${name}\` | ${says} |`);

test('docs/grid.md tells of every option and variable of cp what the tables say, and of no other', () => {
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows).toEqual([...options, ...variables]);
});

test('help cp names every option', () => {
  const help = copyUsage.join('\n');
  for (const { names } of copyFlags) expect(help).toContain(names[0]);
  for (const [option] of copyFilters) expect(help).toContain(option);
});
