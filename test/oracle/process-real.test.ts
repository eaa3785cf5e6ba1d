import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processMissing } from '../../src/dropins/hpsspy/process-missing.ts';
import { isStowageError } from '../../src/errors.ts';
import { scratchHpss } from '../scratch-hpss.ts';
import { agreesUnlessListed } from './agreement.ts';
import { caseNames, readyCase } from './recorded-case.ts';
import { type MockRule, recordedHpss } from './recorded-hpss.ts';

const names = caseNames('process').filter((name) => name.endsWith('-real'));

interface Call {
  readonly tool: 'hsi' | 'htar';
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly list_file?: string;
}

interface Expected {
  readonly raises?: object;
  readonly calls?: readonly Call[];
}

interface Arguments {
  readonly missing: string;
  readonly disk_root: string;
  readonly hpss_root: string;
  readonly dirmode?: string;
}

type Outcome = { readonly failed: true } | { readonly stored: Readonly<Record<string, readonly string[]>> };

test('there are cases', () => {
  expect(names.length).toBe(27);
});

// The calls are not compared, but what they come to: which files each archive holds.
test.each(names)('%s', async (name) => {
  const { work, recorded, expected, log } = await readyCase<Expected>(name);
  const { missing, disk_root: root, hpss_root: hpss, dirmode } = recorded.args as unknown as Arguments;
  const options = { log, ...(dirmode === undefined ? {} : { dirmode }) };
  const isBroken = (recorded.mock ?? []).length > 0 || recorded.no_tools !== undefined || recorded.env !== undefined;
  const { folder, local } = await (isBroken
    ? brokenHpss(recorded.mock as MockRule[], recorded.no_tools)
    : workingHpss());
  withEnvironment({ TMPDIR: join(work, 'tmpdir'), HPSS_DIR: folder, ...recorded.env });
  let ours: Outcome;
  try {
    const sound = await processMissing(missing, root, hpss, { ...options, hpss: { retries: 0, downWaitSeconds: 0 } });
    ours = sound ? { stored: storedBelow(local(hpss), root) } : { failed: true };
  } catch (error) {
    if (!isStowageError(error)) throw error;
    ours = { failed: true };
  }
  const original: Outcome =
    'raises' in expected ? { failed: true } : { stored: claimed(expected.calls ?? [], work, root, hpss) };
  agreesUnlessListed(name, ours, original);
});

async function workingHpss() {
  const { folder, local } = await scratchHpss();
  mkdirSync(local('/hpss'), { recursive: true });
  return { folder, local };
}

async function brokenHpss(mock: readonly MockRule[] = [], without: readonly string[] = []) {
  const { folder } = await recordedHpss(mock);
  for (const tool of without) rmSync(join(folder, 'bin', tool));
  return { folder, local: (path: string) => join(folder, path) };
}

function withEnvironment(variables: Readonly<Record<string, string | null>>): void {
  for (const [key, value] of Object.entries(variables)) {
    const before = process.env[key];
    if (value === null) delete process.env[key];
    else process.env[key] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[key];
      else process.env[key] = before;
    });
  }
}

/** Each object below a folder with the files that it holds, relative to the section: those of a tar as GNU tar lists them. */
function storedBelow(folder: string, root: string): Readonly<Record<string, readonly string[]>> {
  const stored: Record<string, readonly string[]> = {};
  for (const path of filesBelow(folder)) {
    const name = path.slice(folder.length + 1);
    if (path.endsWith('.idx')) continue;
    if (!path.endsWith('.tar')) {
      stored[name] = ['one file'];
      continue;
    }
    const members = execFileSync('tar', ['--quoting-style=literal', '-tPf', path]).toString().split('\n');
    // htar adds a member of its own, and names the others from the archive's directory.
    const own = members.filter((one) => one !== '' && !one.endsWith('/') && !/HTAR_CF_CHK_\d+_\d+$/.test(one));
    const place = (member: string) => [join(dirname(name), member), member].find((one) => existsSync(join(root, one)));
    stored[name] = own.map((member) => place(member) ?? `not of the section: ${member}`).sort();
  }
  return stored;
}

/** What the original's calls come to, if they all do what they should: its exit status is 0. */
function claimed(calls: readonly Call[], work: string, root: string, hpss: string) {
  const stored: Record<string, readonly string[]> = {};
  for (const { tool, argv, cwd, list_file: list } of calls) {
    const from = cwd.replaceAll('@W@', work);
    const below = (path: string) => join(from, path).slice(root.length + 1);
    if (tool === 'hsi' && argv.includes('put')) stored[argv.at(-1)!.slice(hpss.length + 1)] = ['one file'];
    if (tool !== 'htar') continue;
    const whole = argv
      .slice(4)
      .flatMap((one) => filesBelow(join(from, one)).map((path) => path.slice(root.length + 1)));
    const members =
      list === undefined
        ? whole
        : list
            .split('\n')
            .filter((one) => one !== '')
            .map(below);
    stored[argv[1]!.slice(hpss.length + 1)] = members.sort();
  }
  return stored;
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder, { recursive: true }) as string[];
  return all.map((name) => join(folder, name)).filter((path) => !statSync(path).isDirectory());
}
