import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runProgram } from '../../src/programs/run-program.ts';
import { type GridUser, gridUser } from '../alien.ts';
import { builtCli } from '../built-cli.ts';
import { needing } from '../needing.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { hasTmux, type Terminal, terminal } from '../terminal.ts';
import { until } from '../waiting.ts';

const home = '/localhost/localdomain/user/j/jalien/';
const prompt = (directory = '') => `AliEn[jalien]:${home}${directory} >`;
const { test } = needing(hasTmux);

const alien = builtCli().replace(/main\.mjs$/, 'alien.mjs');

async function shellOf({ env }: GridUser): Promise<Terminal> {
  return terminal(await scratchFolder(), [process.execPath, alien], env);
}

test('a shell in a terminal', async () => {
  const user = await gridUser();
  const shell = await shellOf(user);
  await shell.untilEndsWith(prompt());
  shell.type('mkdir alpha "a b"; touch alpha/f1');
  shell.press('Enter');
  await shell.untilEndsWith(`f1\n${prompt()}`);

  shell.type('ls al');
  shell.press('Tab');
  await shell.untilEndsWith(`${prompt()}ls alpha/`);
  shell.press('Enter');
  await shell.untilEndsWith(`ls alpha/\nf1\n${prompt()}`);

  shell.type('cd a\\ ');
  shell.press('Tab');
  await shell.untilEndsWith(`${prompt()}cd a\\ b/`);
  shell.press('Enter');
  await shell.untilEndsWith(prompt('a b/'));

  // A command that the server never answers ends by Ctrl-C, and the shell goes on where it was.
  user.central.setFaults([{ command: 'whoami', do: { kind: 'stall' } }]);
  shell.type('whoami');
  shell.press('Enter');
  await until('the server was asked', () => user.central.requests.some(({ command }) => command === 'whoami'));
  shell.press('C-c');
  await shell.untilShows('interrupted');
  user.central.setFaults([]);
  shell.type('pwd | cat -n');
  shell.press('Enter');
  await shell.untilEndsWith(`     1\t${home}a b/\n${prompt('a b/')}`.replace('\t', '  '));

  // At the prompt Ctrl-C empties the line.
  shell.type('rm -rf ~');
  shell.press('C-c');
  await shell.untilEndsWith(`^C\n${prompt('a b/')}`);

  // A program of this machine has the terminal, and its own Ctrl-C.
  shell.type('!echo started && sleep 1000');
  shell.press('Enter');
  await shell.untilEndsWith('\nstarted');
  shell.press('C-c');
  await shell.untilShows('^C');
  await shell.untilEndsWith(prompt('a b/'));
  shell.type('exitcode');
  shell.press('Enter');
  await shell.untilEndsWith(`130\n${prompt('a b/')}`);

  user.central.dropAll();
  await shell.untilEndsWith(`AliEn[jalien]:${home}a b/ (not connected) >`);
  shell.type('pwd');
  shell.press('Enter');
  await shell.untilEndsWith(`${home}a b/\n${prompt('a b/')}`);

  shell.type('touch');
  shell.press('C-r');
  await shell.untilEndsWith(`(search 'touch'): mkdir alpha "a b"; touch alpha/f1`);
  shell.press('C-c');
  await shell.untilEndsWith(`^C\n${prompt('a b/')}`);
  shell.type('exit 3');
  shell.press('Enter');
  expect(await shell.ended()).toBe(3);
  expect(readFileSync(join(user.home, '.alienpy_session'), 'utf8')).toBe(`CWD = ${home}a b/\nCWDPREV = ${home}\n`);
});

test('Ctrl-R searches the history while one types', async () => {
  const user = await gridUser();
  const lines = ['mkdir deep/er', 'rm -r deep', 'pwd', 'ls', 'whoami'];
  writeFileSync(join(user.home, '.alienpy_history'), `${lines.join('\n')}\n`);
  const shell = await shellOf(user);
  await shell.untilEndsWith(prompt());
  shell.press('C-r');
  await shell.untilEndsWith("(search ''):");
  shell.type('deep');
  await shell.untilEndsWith("(search 'deep'): rm -r deep");
  shell.press('C-r');
  await shell.untilEndsWith("(search 'deep'): mkdir deep/er");
  shell.type('x');
  await shell.untilEndsWith("(nothing with 'deepx'): mkdir deep/er");
  shell.press('BSpace', 'C-g');
  await shell.untilEndsWith(prompt());
  // Another key goes on with what was found.
  shell.press('C-r');
  shell.type('deep');
  await shell.untilEndsWith("(search 'deep'): rm -r deep");
  shell.press('C-a');
  await shell.untilEndsWith(`${prompt()}rm -r deep`);
  shell.press('C-u', 'C-k');
  shell.press('C-r');
  shell.type('pw');
  await shell.untilEndsWith("(search 'pw'): pwd");
  shell.press('Enter');
  await shell.untilEndsWith(`${prompt()}pwd\n${home}\n${prompt()}`);
  expect(user.central.requests.map(({ command }) => command)).not.toContain('rm');
});

test('Tab completes files of this machine, LFNs, commands and options, in one line', async () => {
  const user = await gridUser();
  await user.alien('mkdir -p data/in "data/two words"; touch data/f1 data/f2');
  const local = await scratchFolder();
  for (const name of ['plain.txt', 'sp ace.txt', 'über.txt']) writeFileSync(join(local, name), 'x');
  mkdirSync(join(local, 'inner'));
  const shell = await shellOf(user);
  await shell.untilEndsWith(prompt());
  const complete = async (typed: string, shown: string) => {
    shell.type(typed);
    shell.press('Tab');
    await shell.untilEndsWith(shown);
  };
  const begun = `${prompt()}cp file:${local}`;
  await complete(`cp file:${local}/in`, `${begun}/inner/`);
  shell.press('BSpace', 'BSpace', 'BSpace', 'BSpace', 'BSpace', 'BSpace');
  await complete('sp', `${begun}/sp\\ ace.txt`);
  await complete(' data/t', `${begun}/sp\\ ace.txt  data/two\\ words/`);
  shell.press('C-c');
  await shell.untilEndsWith(`^C\n${prompt()}`);
  await complete(`cp data/f1 file:${local}/üb`, `file:${local}/über.txt`);
  shell.press('C-c');
  await complete('xrd_p', `${prompt()}xrd_ping`);
  shell.press('C-c');
  await complete('find2 -maxd', `${prompt()}find2 -maxdepth`);
  shell.press('C-c');
  // The server is asked once which options its commands have.
  for (const _ of ['asked', 'remembered']) {
    await complete('lfnexpiretime -', `${prompt()}lfnexpiretime -`);
    shell.press('Tab');
    await shell.untilShows('-d   -m   -r   -w   -y');
    shell.press('C-l', 'C-c');
    await shell.untilEndsWith(`^C\n${prompt()}`);
  }
  expect(user.central.requests.filter(({ command }) => command === 'lfnexpiretime')).toHaveLength(1);
  await complete('cp -dryrun data/i', `${prompt()}cp -dryrun data/in/`);
  shell.press('C-c');
  // A second Tab shows what there is, in whichever way the two arrive; none of them becomes part of the line.
  shell.type('ls data/f\t\t\t');
  await shell.untilShows('data/f1   data/f2');
  await shell.untilEndsWith(`${prompt()}ls data/f`);
  shell.type('1');
  shell.press('Enter');
  await shell.untilEndsWith(`${prompt()}ls data/f1\nf1\n${prompt()}`);
});

test('Ctrl-C in a program of this machine ends the line', async () => {
  const user = await gridUser();
  const shell = await shellOf(user);
  await shell.untilEndsWith(prompt());
  shell.type('! echo started && sleep 1000; mkdir no; ! echo no');
  shell.press('Enter');
  await shell.untilEndsWith('\nstarted');
  shell.press('C-c');
  await shell.untilEndsWith(prompt());
  shell.type('exitcode');
  shell.press('Enter');
  await shell.untilEndsWith(`130\n${prompt()}`);
  expect(user.central.requests.map(({ command }) => command)).not.toContain('mkdir');
});

test('what a program leaves on a line stays, and so does the shell when it was stopped and the terminal is as others like it', async () => {
  const user = await gridUser();
  const shell = await shellOf(user);
  await shell.untilEndsWith(prompt());
  shell.type(`! echo YWJj | base64 -d && echo $PPID > ${user.home}/pid && tty > ${user.home}/tty`);
  shell.press('Enter');
  await until('the program has ended', () => readFileSync(`${user.home}/tty`, 'utf8').endsWith('\n'));
  await shell.untilShows('\nabc');
  await shell.untilEndsWith(prompt());

  const pid = Number(readFileSync(`${user.home}/pid`, 'utf8'));
  process.kill(pid, 'SIGSTOP');
  execFileSync('stty', ['-F', readFileSync(`${user.home}/tty`, 'utf8').trim(), 'sane']);
  process.kill(pid, 'SIGCONT');
  shell.type('rm -rf ~');
  await shell.untilEndsWith(`${prompt()}rm -rf ~`);
  shell.press('C-c');
  await shell.untilEndsWith(`^C\n${prompt()}`);
  shell.press('C-d');
  expect(await shell.ended()).toBe(0);
});

test('two shells at once: each keeps its place, the history keeps the lines of both', async () => {
  const user = await gridUser();
  await user.alien('mkdir one two');
  const [first, second] = [await shellOf(user), await shellOf(user)];
  await Promise.all([first.untilEndsWith(prompt()), second.untilEndsWith(prompt())]);
  first.type('cd one');
  first.press('Enter');
  await first.untilEndsWith(prompt('one/'));
  second.type('cd two');
  second.press('Enter');
  await second.untilEndsWith(prompt('two/'));
  user.central.dropAll();
  await first.untilEndsWith('(not connected) >');
  first.type('pwd');
  first.press('Enter');
  await first.untilEndsWith(`${home}one/\n${prompt('one/')}`);
  second.press('C-d');
  expect(await second.ended()).toBe(0);
  first.type('cd -');
  first.press('Enter');
  await first.untilEndsWith(prompt());
  first.press('C-d');
  expect(await first.ended()).toBe(0);
  expect(readFileSync(join(user.home, '.alienpy_history'), 'utf8')).toBe('cd one\ncd two\npwd\ncd -\n');

  const third = await shellOf(user);
  await third.untilEndsWith(prompt());
  third.press('Up');
  await third.untilEndsWith(`${prompt()}cd -`);
});

test('lines that come through a pipe are all run, one after the other', async () => {
  const { env } = await gridUser();
  const input = `mkdir deep\nls\ncd deep\npwd\nls "no;thing"\n!cat\nls nothing\n`;
  const options = { env: { ...process.env, ...env }, input, successStatuses: [0, 2] };
  const { stdout, stderr, status } = await runProgram(process.execPath, [alien], options);
  expect(stdout.toString()).toBe(`deep/\n${home}deep/\n`);
  expect(stderr.toString().match(/nothing|no;thing/g)).toEqual(['no;thing', 'nothing']);
  expect(status).toBe(2);
});

test('what the environment says of a shell: its prompt, where it begins, and no history', async () => {
  const user = await gridUser();
  await user.alien('mkdir last');
  writeFileSync(join(user.home, '.alienpy_session'), `CWD = ${home}last/\nCWDPREV = ${home}\n`);
  const variables = { ALIENPY_PROMPT_DATE: '1', ALIENPY_PROMPT_CWD: '1', ALIENPY_NO_HISTORY: '1' };
  const shell = await shellOf({ ...user, env: { ...user.env, ...variables } });
  await shell.untilShows(` AliEn[jalien]:${home}last/ local:${process.cwd()} >`);
  await shell.untilShows('\n20');
  shell.type('exit');
  shell.press('Enter');
  expect(await shell.ended()).toBe(0);
  expect(existsSync(join(user.home, '.alienpy_history'))).toBe(false);

  const atHome = await shellOf({ ...user, env: { ...user.env, ALIENPY_NO_CWD_RESTORE: '1' } });
  await atHome.untilEndsWith(prompt());
});
