import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { main } from '../../src/dropins/hpsspy/main.ts';
import { agreesUnlessListed, requireListedAmong } from './agreement.ts';
import { caseNames, readyCase } from './recorded-case.ts';
import { type MockRule, recordedHpss } from './recorded-hpss.ts';

const names = caseNames('cli');

interface Expected {
  readonly steps: readonly {
    readonly exit: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly raises_last_line?: string;
  }[];
  readonly cache_files: Readonly<Record<string, string>>;
}

test('there are cases, and every listed one is among them', () => {
  expect(names.length).toBe(32);
  requireListedAmong(names, 'cli');
});

test.each(names)('%s', async (name) => {
  const { work, recorded, expected, mask } = await readyCase<Expected>(name);
  const { folder } = await recordedHpss((recorded.mock ?? []) as MockRule[]);
  environment({ HPSS_DIR: folder, TMPDIR: join(work, 'tmpdir'), HOME: work, ...recorded.env });
  const steps: object[] = [];
  for (const argv of recorded.argv) {
    const said = { out: '', err: '' };
    const exit = await main(argv, {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
    });
    steps.push({ exit, stdout: said.out, stderr: hpsspyLines(mask(said.err)) });
  }
  const original = expected.steps.map(({ exit, stdout, stderr }) => ({ exit, stdout, stderr: hpsspyLines(stderr) }));
  const { unordered } = recorded;
  // Where the original ends in a traceback we say what is wrong, and need not have come as far.
  for (const [index, { raises_last_line: raised }] of expected.steps.entries()) {
    if (raised !== undefined) for (const one of [steps[index]!, original[index]!]) Object.assign(one, { stderr: [] });
  }
  agreesUnlessListed(
    name,
    settled({ steps, caches: caches(work) }, unordered),
    settled({ steps: original, caches: expected.cache_files }, unordered),
  );
});

function environment(variables: Readonly<Record<string, string | null>>): void {
  const before = { ...process.env };
  onTestFinished(() => {
    for (const key of Object.keys(variables)) {
      if (before[key] === undefined) delete process.env[key];
      else process.env[key] = before[key];
    }
  });
  for (const [key, value] of Object.entries(variables)) {
    if (value === null) delete process.env[key];
    else process.env[key] = value;
  }
}

/** What HPSSPy's loggers say, without the time; what we have to say besides comes from a logger of our own. */
function hpsspyLines(text: string): readonly string[] {
  const entries = text.replace(/^(?:<TS>|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) /gm, '\0').split('\0');
  return entries.filter((one) => one !== '' && !one.startsWith('stowage '));
}

function caches(work: string): Readonly<Record<string, string>> {
  const folder = join(work, 'cache');
  if (!existsSync(folder)) return {};
  const kept = readdirSync(folder).filter((name) => !name.endsWith('.made.json'));
  return Object.fromEntries(kept.map((name) => [`cache/${name}`, readFileSync(join(folder, name), 'utf8')]));
}

/** Some recordings are in the order of a hash: their lines are compared as sets. */
function settled<Value>(value: Value, unordered: true | undefined): unknown {
  if (unordered !== true) return value;
  return JSON.parse(JSON.stringify(value), (_, one) => {
    if (Array.isArray(one) && one.every((line) => typeof line === 'string')) return [...one].sort();
    if (typeof one !== 'string') return one;
    if (one.startsWith('{')) return Object.fromEntries(Object.entries(JSON.parse(one) as object).sort());
    return one.includes('\r\n') ? one.split('\r\n').sort() : one;
  });
}
