import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scanDisk } from '../../src/dropins/hpsspy/scan-disk.ts';
import { agreesUnlessListed, requireListedAmong } from './agreement.ts';
import { caseNames, readyCase, withoutPrivileges } from './recorded-case.ts';

const names = caseNames('scan');

interface Expected {
  readonly return: boolean;
  readonly cache_text?: string;
  readonly cache_b64?: string;
  readonly logs: readonly unknown[];
}

test('there are cases, and every listed one is among them', () => {
  expect(names.length).toBe(13);
  requireListedAmong(names, 'scan');
});

test.each(names)('%s', async (name) => {
  const { work, recorded, expected, log, logs, mask } = await readyCase<Expected>(name);
  const {
    roots,
    cache,
    overwrite = false,
  } = recorded.args as unknown as {
    readonly roots: readonly string[];
    readonly cache: string;
    readonly overwrite?: boolean;
  };
  const scan = () => scanDisk(roots, cache, { overwrite, log });
  const complete = recorded.drop_privileges ? await withoutPrivileges(work, scan) : await scan();
  const text = mask(readFileSync(cache, 'utf8'));
  const original = expected.cache_text ?? Buffer.from(expected.cache_b64!, 'base64').toString('utf8');
  agreesUnlessListed(
    name,
    { return: complete, cache: text, logs: logs() },
    { return: expected.return, cache: original, logs: expected.logs },
  );
});
