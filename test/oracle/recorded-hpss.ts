import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../scratch-folder.ts';

/** A rule of a case: what the programs answered to a command line with all these words. */
export interface MockRule {
  readonly tool: 'hsi' | 'htar';
  readonly argv_has?: readonly string[];
  readonly out?: string;
  readonly err?: string;
  readonly stdout?: string;
  readonly exit?: number;
}

/**
 * A directory for HPSS_DIR, with programs that answer as a case says. They were recorded as one call for one command; this hsi reads a file of commands, answers
 * each by the same rules, complains of what no rule knows, and puts a whole tree together out of the answers for its directories.
 */
export async function recordedHpss(
  rules: readonly MockRule[],
): Promise<{ readonly folder: string; readonly tmpdir: string }> {
  const folder = await scratchFolder();
  for (const name of ['bin', 'tmp']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(rules));
  for (const tool of ['hsi', 'htar']) {
    const path = join(folder, 'bin', tool);
    writeFileSync(path, `#!${process.execPath}\n${program}`);
    chmodSync(path, 0o755);
  }
  return { folder, tmpdir: join(folder, 'tmp') };
}

const program = String.raw`
const { readFileSync, writeFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const tool = basename(process.argv[1]);
const rules = JSON.parse(readFileSync(join(dirname(dirname(process.argv[1])), 'rules.json'), 'utf8'));
const ruleFor = (words) => rules.find((rule) => rule.tool === tool && (rule.argv_has ?? []).every((one) => words.includes(one)));
const argv = process.argv.slice(2);
if (tool === 'htar') {
  const rule = ruleFor(argv) ?? {};
  process.stdout.write(rule.out ?? '');
  process.stderr.write(rule.err ?? '');
  process.exit(rule.exit ?? 0);
}
const file = argv[argv.indexOf('-O') + 1];
const read = (text) => (text.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ''));
const absent = (path) => '*** ls: No such file or directory: HPSS_ENOENT ' + path + '\n';
const answer = (words) => ruleFor(words)?.out ?? '';
const tree = (path) => {
  const out = answer(['ls', '-Da', path]);
  const below = out.split('\n').filter((line) => line.startsWith('d')).map((line) => path + '/' + line.split(' ').at(-1));
  return out.replace(/HPSS_EACCES\n/, 'HPSS_EACCES ' + path + '\n') + below.map(tree).join('');
};
let text = '';
const [, list] = read(argv.at(-1));
for (const line of readFileSync(list, 'utf8').split('\n')) {
  const words = read(line);
  if (words[0] === undefined || words[0] === 'quit') continue;
  const marks = words.filter((word) => word.startsWith('/stowage-mark-'));
  const own = words.filter((word) => !marks.includes(word));
  if (own.join(' ') !== 'ls -d') text += own[1] === '-DaR' ? tree(own[2]) : answer(own);
  text += marks.map(absent).join('');
}
writeFileSync(file, text);
process.exitCode = 64;
`;
