import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const page = read('docs/json.md');

test.each(kinds('src/verbs/events.ts', 'Event'))('docs/json.md has a section for the event %s', (kind) => {
  expect(page).toContain(`\n### \`${kind}\`\n`);
});

test.each(['error', 'end'])('docs/json.md has a section for the line %s', (kind) => {
  expect(page).toContain(`\n### \`${kind}\`\n`);
});

test.each(kinds('src/plan/finding.ts', 'Finding'))('docs/json.md has a row for the finding %s', (kind) => {
  expect(page).toMatch(new RegExp(`^\\| \`${kind}\` +\\| (blind|problem|notice) `, 'm'));
});

test.each([...kinds('src/plan/finding.ts', 'RefusalReason'), ...kinds('src/plan/finding.ts', 'Withheld')])(
  'docs/json.md has a row for the reason %s',
  (kind) => {
    expect(page).toMatch(new RegExp(`^\\| [^|]*\`${kind}\``, 'm'));
  },
);

test.each(kinds('src/plan/plan-archive.ts', 'Reason'))('docs/json.md names the reason %s of an archive', (kind) => {
  expect(page.match(/^Reasons: .*$/m)?.[0]).toContain(`\`${kind}\``);
});

test('each severity is the one that the table of findings has', () => {
  const source = read('src/plan/finding.ts');
  for (const kind of kinds('src/plan/finding.ts', 'Finding')) {
    const severity = new RegExp(`^ {2}'?${kind}'?: '(\\w+)'`, 'm').exec(source)?.[1];
    expect(page).toMatch(new RegExp(`^\\| \`${kind}\` +\\| ${severity} `, 'm'));
  }
});

/** The kinds of one union of the sources, as they are written there and in the unions that it is made of. */
function kinds(path: string, union: string): readonly string[] {
  const source = read(path);
  const text = new RegExp(`^export type ${union} =\\n(?: .*\\n)+`, 'm').exec(source)?.[0] ?? '';
  const own = [...text.matchAll(/readonly kind: ((?:'[\w-]+'(?: \| )?)+)/g)].flatMap((one) =>
    [...one[1]!.matchAll(/'([\w-]+)'/g)].map((name) => name[1]!),
  );
  const others = [...text.matchAll(/^ {2}\| (\w+);?$/gm)].flatMap(([, name]) => {
    const place = new RegExp(`import type {[^}]*\\b${name}\\b[^}]*} from '(.*)'`).exec(source)?.[1];
    return place === undefined ? [] : kinds(join(dirname(path), place), name!);
  });
  const found = [...own, ...others];
  if (found.length === 0) throw new Error(`no kinds of ${union} in ${path}`);
  return found;
}

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
}
