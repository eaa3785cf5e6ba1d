import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scanHpss } from '../../src/dropins/hpsspy/scan-hpss.ts';
import { agreesUnlessListed, requireListedAmong } from './agreement.ts';
import { caseNames, readyCase } from './recorded-case.ts';
import { type MockRule, recordedHpss } from './recorded-hpss.ts';

const names = caseNames('scanhpss');

interface Expected {
  readonly return: Readonly<Record<string, readonly [number, number]>>;
  readonly cache_text: string;
  readonly logs: readonly unknown[];
}

test('there are cases, and every listed one is among them', () => {
  expect(names.length).toBe(5);
  requireListedAmong(names, 'scanhpss');
});

// HPSSPy logs in once for each directory, and these once in all: what comes of it is compared.
test.each(names)('%s', async (name) => {
  const { recorded, expected, log, logs, mask } = await readyCase<Expected>(name);
  const {
    root,
    cache,
    overwrite = false,
  } = recorded.args as { readonly root: string; readonly cache: string; readonly overwrite?: boolean };
  const { folder: hpssDir, tmpdir } = await recordedHpss((recorded.mock ?? []) as readonly MockRule[]);
  const found = await scanHpss(root, cache, { overwrite, log, hpss: { hpssDir, tmpdir, retries: 0 } });
  const numbers = [...found].map(([path, facts]) => [path, facts.map(Number)]);
  agreesUnlessListed(
    name,
    { return: Object.fromEntries(numbers), cache: mask(readFileSync(cache, 'utf8')), logs: logs() },
    { return: expected.return, cache: expected.cache_text, logs: expected.logs },
  );
});
