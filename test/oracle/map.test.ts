import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { filesToHpss } from '../../src/dropins/hpsspy/files-to-hpss.ts';
import { findMissing } from '../../src/dropins/hpsspy/find-missing.ts';
import { iterrsplit } from '../../src/dropins/hpsspy/iterrsplit.ts';
import { validateConfiguration } from '../../src/dropins/hpsspy/validate-configuration.ts';
import { isStowageError } from '../../src/errors.ts';
import { agreesUnlessListed, requireListedAmong } from './agreement.ts';
import { caseNames, readyCase } from './recorded-case.ts';

interface Expected {
  readonly return?: unknown;
  readonly raises?: unknown;
  readonly logs?: readonly unknown[];
  readonly missing_text?: string;
  readonly missing_written?: boolean;
}

const validations = caseNames('validate');
const searches = caseNames('missing');

test('there are cases, and every listed one is among them', () => {
  expect(validations.length).toBe(26);
  expect(searches.length).toBe(45);
  requireListedAmong(validations, 'validate');
  requireListedAmong(searches, 'missing');
  requireListedAmong(caseNames('files', 'iterrsplit'), 'files', 'iterrsplit');
});

/** The original ends in a traceback where we say what is wrong: a failure is a failure, in whatever words. */
const raised = { raises: true };

test.each(validations)('%s', async (name) => {
  const { recorded, expected, log, logs } = await readyCase<Expected>(name);
  const status = validateConfiguration(String(recorded.args.config), { log });
  agreesUnlessListed(
    name,
    { return: status, logs: logs() },
    'raises' in expected ? raised : { return: expected.return, logs: expected.logs ?? [] },
  );
});

test.each(searches)('%s', async (name) => {
  const { work, recorded, expected, log, logs } = await readyCase<Expected>(name);
  const {
    section,
    disk,
    hpss_files: held,
    report,
    limit,
  } = recorded.args as unknown as {
    readonly section: string;
    readonly disk: string;
    readonly hpss_files: Readonly<Record<string, readonly [number, number]>>;
    readonly report?: number;
    readonly limit?: number;
  };
  const missing = `${work}/missing.json`;
  let outcome: object;
  try {
    const [map] = filesToHpss(String(recorded.args.config ?? 'config.json'), section, {
      log: { wants: () => true, say: () => undefined },
    });
    const sound = await findMissing(map, held, disk, missing, {
      log,
      ...(report === undefined ? {} : { report }),
      ...(limit === undefined ? {} : { limit }),
    });
    outcome = { return: sound, logs: logs(), missing: readFileSync(missing, 'utf8') };
  } catch (error) {
    if (!isStowageError(error)) throw error;
    outcome = { ...raised, written: existsSync(missing) };
  }
  agreesUnlessListed(
    name,
    outcome,
    'raises' in expected
      ? { ...raised, written: expected.missing_written }
      : { return: expected.return, logs: expected.logs ?? [], missing: expected.missing_text },
  );
});

test.each(caseNames('files'))('%s', async (name) => {
  const { recorded, expected, log, logs } = await readyCase<Expected>(name);
  const { config, section } = recorded.args as { config: string; section: string };
  let outcome: object;
  try {
    const [, settings] = filesToHpss(config, section, { log });
    outcome = { settings, logs: logs() };
  } catch (error) {
    if (!isStowageError(error)) throw error;
    outcome = raised;
  }
  agreesUnlessListed(name, outcome, 'raises' in expected ? raised : { return: expected.return, logs: expected.logs });
});

test('iterrsplit', async () => {
  const { recorded, expected } = await readyCase<Expected>('iterrsplit');
  const { items } = recorded.args as { items: readonly (readonly [string, string])[] };
  expect(items.map(([text, separator]) => [text, separator, [...iterrsplit(text, separator)]])).toEqual(
    expected.return,
  );
});
