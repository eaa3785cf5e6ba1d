import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultRule } from '../../src/sandbox/hpss/faults.ts';
import { startCli } from '../built-cli.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowage } from '../stowage.ts';
import { until } from '../waiting.ts';

const rules = { d1: { 'd1/batch/.*$': 'd1/batch.tar' } };

/** Replacing an archive of htar takes four moves: the old archive and its index aside, the new index and archive under the name; then the old ones are removed. */
test.each([
  ['while htar writes', { tool: 'htar', words: ['-cf'], do: { kind: 'hang', when: 'middle', bytes: 700 } }],
  ['before the old archive is put aside', { words: ['mv'], do: { kind: 'hang' } }],
  ['when the old archive is aside', { words: ['mv'], skip: 1, do: { kind: 'hang' } }],
  ['when both are aside', { words: ['mv'], skip: 2, do: { kind: 'hang' } }],
  ['when the new index has its name', { words: ['mv'], skip: 3, do: { kind: 'hang' } }],
  ['when both have their names', { words: ['mv'], skip: 3, do: { kind: 'hang', when: 'after' } }],
  ['before the old ones are removed', { words: ['rm'], do: { kind: 'hang' } }],
] as const)('killed %s: the next run ends as if nothing had been', async (_, fault) => {
  const at = await hpssPlace(rules);
  plant(at.data, { 'd1/batch/one': '1'.repeat(3000) });
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  plant(at.data, { 'd1/batch/two': '2'.repeat(3000) });
  at.hpss.script(fault);
  const { child, ended } = startCli(['archive', at.config, 'data']);
  const { skip: passed = 0 }: FaultRule = fault;
  const isCounted = () => countsOf(join(at.hpss.folder, 'faults')) > passed;
  await until('the fault is met', isCounted);
  const waiting = () => readdirSync(at.hpss.local(`${at.hpssRoot}/.stowage/tmp`));
  if ('when' in fault.do && fault.do.when === 'after')
    await until('it is done', () => waiting().every((name) => name.includes('.replaced-by.')));
  child.kill('SIGKILL');
  await ended;
  for (const pid of hangingIn(at.hpss.folder)) process.kill(pid, 'SIGKILL');
  at.hpss.script();
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
  expect(waiting(), 'leftovers').toEqual([]);
  expect(await stowage('verify', at.config, 'data', '--level', 'read')).toMatchObject({ status: 0 });
  const listed = readdirSync(at.hpss.local(`${at.hpssRoot}/data/d1`));
  expect(listed).toEqual(['batch.tar', 'batch.tar.idx']);
});

/** How often the rules of the script have matched; a count that is just being written, under another name, does not count yet. */
function countsOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  const counts = readdirSync(folder).filter((name) => !name.endsWith('.new'));
  return counts.reduce((sum, name) => sum + Number(readFileSync(join(folder, name), 'utf8')), 0);
}

/** The sessions that have begun and not ended. */
function hangingIn(folder: string): readonly number[] {
  return readdirSync(join(folder, 'sessions')).map((name) => Number.parseInt(name, 10));
}
