import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPoolConfiguration } from '../../src/pool/configuration/read-pool-configuration.ts';
import { extensionNames } from '../../src/pool/extensions/extension-actions.ts';
import { indicators } from '../../src/pool/indicators.ts';

const page = readFileSync(new URL('../../docs/pool.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```xml\n(.*?)^```$/gms)].map(([, text]) => text!);

test.each(examples.map((text, index) => [index + 1, text] as const))('the example %d has no problems', (_, text) => {
  expect(readPoolConfiguration(Buffer.from(text), 'cback3.conf', { unknown: 'error' }).problems).toEqual([]);
});

test('so has the one of the page about discs', () => {
  const discs = readFileSync(new URL('../../docs/discs.md', import.meta.url), 'utf8');
  const [text] = [...discs.matchAll(/^```xml\n(.*?)^```$/gms)].map((match) => match[1]!);
  expect(readPoolConfiguration(Buffer.from(text!), 'cback3.conf', { unknown: 'error' }).problems).toEqual([]);
});

test('there are two examples, and every extension and indicator is named', () => {
  expect(examples).toHaveLength(2);
  for (const name of extensionNames) expect(page).toContain(`\`${name}\``);
  const { collect, stage, stored, store, amazons3 } = indicators;
  for (const name of [collect, stage, stored, store, amazons3]) {
    expect(page).toContain(`\`${name}\``);
  }
});
