import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { evidenceLevels } from '../../src/model/evidence.ts';
import { builtCli } from '../built-cli.ts';
import { needing } from '../needing.ts';
import { stowage } from '../stowage.ts';
import { completedWords } from '../typed-lines.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'stowage-completion-'));
const scripts = { bash: join(folder, 'c.bash'), zsh: join(folder, 'c.zsh'), fish: join(folder, 'c.fish') };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'place/folder'), { recursive: true });
  symlinkSync(builtCli(), join(folder, 'bin/stowage'));
  const sections = {
    __config__: {},
    $schema: 'x',
    data: {},
    'my data': {},
    "it's": {},
    '$HOME;x': {},
    'two\nlines': {},
  };
  for (const name of ['survey.json', 'with blank.json'])
    writeFileSync(join(folder, 'place', name), JSON.stringify(sections));
  writeFileSync(join(folder, 'place/broken.json'), '{');
  for (const [shell, path] of Object.entries(scripts)) {
    const { status, out } = await stowage('completion', shell);
    expect(status).toBe(0);
    writeFileSync(path, out);
  }
});

const names = [...commands.map(({ name }) => name), 'help'];
const sections = ['$HOME;x', 'data', "it's", 'my data'];

/** What is typed, and all that it can go on as. Lines are typed in the folder with survey.json. */
const table: readonly (readonly [string, readonly string[]])[] = [
  ['stowage ', names],
  ['stowage ver', ['verify']],
  ['stowage help ar', ['archive']],
  ['stowage completion ', ['bash', 'fish', 'zsh']],
  ['stowage verify survey.json --lev', ['--level']],
  ['stowage verify survey.json --level ', evidenceLevels],
  ['stowage verify --level s', ['size']],
  ['stowage verify survey.json --level=s', ['--level=size']],
  ['stowage status --state=', ['--state=folder']],
  ['stowage archive --all', ['--allow-shrink']],
  ['stowage archive survey.json ', sections],
  ['stowage archive survey.json d', ['data']],
  ['stowage archive survey.json my', ['my data']],
  ['stowage archive survey.json it', ["it's"]],
  ['stowage archive with\\ blank.json da', ['data']],
  ["stowage archive 'with blank.json' da", ['data']],
  ['stowage missing --size-limit 5G -q survey.json da', ['data']],
  ['stowage find survey.json x --section da', ['data']],
  ['stowage status surv', ['survey.json']],
  ['stowage status with', ['with blank.json']],
  ['stowage status --state ', ['folder']],
  ['stowage archive broken.json d', []],
  ['stowage archive absent.json d', []],
  ['stowage find survey.json x', []],
  ['stowage unlock survey.json data x', []],
];

describe.each(['bash', 'zsh'] as const)('%s', (shell) => {
  needing(has(shell) && has('python3')).test('completes what is typed on a terminal', () => {
    const env = { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder };
    const lines = table.map(([line]) => line);
    const got = completedWords(shell, scripts[shell], lines, { env, cwd: join(folder, 'place') });
    const words = got.map((all, at) => {
      const typed =
        lines[at]!.replace(/\\ /g, '·')
          .replace(/'[^']*'/g, 'x')
          .split(' ').length - 1;
      return [
        lines[at]!,
        all
          .slice(typed)
          .map((word) => word.replace(/\/$/, ''))
          .sort(),
      ];
    });
    const expected = table.map(([line, completions]) => [
      line,
      completions.length > 0 ? [...completions].sort() : [line.split(' ').at(-1)],
    ]);
    expect(words).toEqual(expected);
  });
});

describe('fish', () => {
  needing(has('fish')).test.each(table)('%s', (line, completions) => {
    const script = `source ${scripts.fish}; cd ${folder}/place; complete -C "$argv[1]"`;
    const env = { ...process.env, PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder, XDG_CONFIG_HOME: folder };
    const out = execFileSync('fish', ['--no-config', '-c', script, line], { encoding: 'utf8', env });
    const got = out
      .split('\n')
      .filter((one) => one !== '')
      .map((one) => one.split('\t')[0]!.replace(/\/$/, ''));
    expect(got.sort()).toEqual([...completions].sort());
  });
});

test('another shell is a mistake on the command line', async () => {
  const { status, err } = await stowage('completion', 'tcsh');
  expect(status).toBe(2);
  expect(err).toContain('bash, zsh, fish');
});
