import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { builtCli, type Ended, runProgram } from '../built-cli.ts';
import { type Place, place, stowage } from '../stowage.ts';

/** Names whose bytes are not UTF-8 are given on the command line as the shell has them; only the built command is started by a shell. */
const name = Buffer.from('d/lat\xe9in', 'latin1');
const replaced = 'd/lat\ufffdin';
let at: Place;
let program: string;

beforeAll(() => {
  program = builtCli();
});
beforeEach(async () => {
  at = await place({ d: { 'd/.*$': 'd.tar' } });
  mkdirSync(join(at.data, 'd'));
  writeFileSync(Buffer.concat([Buffer.from(`${at.data}/`), name]), 'of bytes');
  writeFileSync(join(at.data, replaced), 'another file');
  await stowage('archive', at.config, 'data');
});

test('the command that find prints for a name that is not UTF-8 brings that file back when it is pasted', async () => {
  const { out } = await stowage('find', at.config, '-v', 'lat*');
  const command = out.split('\n').find((line) => line.includes(' restore ') && line.includes('\\351'));
  const to = join(at.folder, 'back');
  const pasted = await inBash(`stowage() { node ${program} "$@"; }; ${command} --to ${to}`);
  expect([pasted.status, pasted.err]).toEqual([0, '']);
  expect(readFileSync(Buffer.concat([Buffer.from(`${to}/`), name]), 'utf8')).toBe('of bytes');
  expect(execFileSync('find', [to, '-type', 'f'], { encoding: 'latin1' }).split('\n')).toHaveLength(2);
});

test.each(['explain', 'ls', 'find'])(
  '%s speaks of the file that was named, not of one with U+FFFD',
  async (command) => {
    const ran = await inBash(
      `node ${program} ${command} ${at.config} ${command === 'find' ? '' : 'data'} $'d/lat\\351in' --json`,
    );
    expect(ran.status).toBe(0);
    expect(ran.out).toContain(name.toString('base64'));
  },
);

function inBash(line: string): Promise<Ended> {
  return runProgram('bash', ['-c', line]);
}
