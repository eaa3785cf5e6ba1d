import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPoolConfiguration } from '../../src/pool/configuration/read-pool-configuration.ts';
import { extensionNames } from '../../src/pool/extensions/extension-actions.ts';
import { indicators } from '../../src/pool/indicators.ts';

const page = readFileSync(new URL('../../docs/pool.md', import.meta.url), 'utf8');
const texts = [...page.matchAll(/^```xml\n(.*?)^```$/gms)].map(([, text]) => text!);
/** A section alone is meant for the master's file. */
const examples = texts.map((text) =>
  text.startsWith('<store>') ? texts[1]!.replace('<purge>', `${text}<purge>`) : text,
);

test.each(examples.map((text, index) => [index + 1, text] as const))('the example %d has no problems', (_, text) => {
  expect(readPoolConfiguration(Buffer.from(text), 'cback3.conf', { unknown: 'error' }).problems).toEqual([]);
});

test('so has the one of the page about discs', () => {
  const discs = readFileSync(new URL('../../docs/discs.md', import.meta.url), 'utf8');
  const [text] = [...discs.matchAll(/^```xml\n(.*?)^```$/gms)].map((match) => match[1]!);
  expect(readPoolConfiguration(Buffer.from(text!), 'cback3.conf', { unknown: 'error' }).problems).toEqual([]);
});

test('there are as many examples as were written, and every extension and indicator is named', () => {
  expect(examples).toHaveLength(5);
  for (const name of extensionNames) expect(page).toContain(`\`${name}\``);
  const { collect, stage, stored, store, amazons3 } = indicators;
  for (const name of [collect, stage, stored, store, amazons3]) {
    expect(page).toContain(`\`${name}\``);
  }
});
