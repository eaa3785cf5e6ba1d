import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FaultRule } from '../../src/sandbox/hpss/faults.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowage } from '../stowage.ts';

const rules = { d1: { 'd1/batch/.*$': 'd1/batch.tar', 'd1/([^/]+\\.txt)$': 'd1/\\1' } };
const first = { 'd1/batch/one': '1'.repeat(3000), 'd1/a.txt': 'plain' };
const second = { 'd1/batch/two': '2'.repeat(3000), 'd1/a.txt': 'PLAIN' };

/** Each fault meets a run that replaces an archive of htar and a streamed one. */
const faults: readonly (readonly [string, FaultRule])[] = [
  ['put fails', { words: ['put'], do: { kind: 'fail', code: -5 } }],
  ['put is refused', { words: ['put'], do: { kind: 'fail', code: -13 } }],
  ['put ends short and says nothing', { words: ['put'], do: { kind: 'truncate', bytes: 2 } }],
  ['put says success and does nothing', { words: ['put'], do: { kind: 'lie', does: false, says: 'success' } }],
  ['every second put fails', { words: ['put'], oneIn: 2, do: { kind: 'fail', code: -5 } }],
  ['HPSS is full while htar writes', { tool: 'htar', words: ['-cf'], do: { kind: 'fail', code: -28 } }],
  ['every third command fails', { tool: 'hsi', oneIn: 3, do: { kind: 'fail', code: -5 } }],
  ['put hangs', { words: ['put'], do: { kind: 'hang', when: 'middle', bytes: 2 } }],
  ['htar hangs', { tool: 'htar', words: ['-cf'], do: { kind: 'hang', when: 'middle', bytes: 700 } }],
  ['a put is slow, and done', { words: ['put'], do: { kind: 'slow', seconds: 1 } }],
  ['put drops', { words: ['put'], do: { kind: 'drop', bytes: 2 } }],
  ['put is killed', { words: ['put'], do: { kind: 'drop', bytes: 2, killed: true } }],
  ['htar ends short', { tool: 'htar', words: ['-cf'], do: { kind: 'truncate', bytes: 700 } }],
  ['htar drops', { tool: 'htar', words: ['-cf'], do: { kind: 'drop', bytes: 700 } }],
  [
    'htar does it and says that it failed',
    { tool: 'htar', words: ['-cf'], do: { kind: 'lie', does: true, says: 'failure' } },
  ],
  ['moving is refused', { words: ['mv'], do: { kind: 'fail', code: -13 } }],
  [
    'moving says success and does nothing',
    { words: ['mv'], skip: 2, do: { kind: 'lie', does: false, says: 'success' } },
  ],
  ['moving is done and says nothing', { words: ['mv'], skip: 1, do: { kind: 'lie', does: true, says: 'failure' } }],
  ['the login expires while moving', { words: ['mv'], skip: 3, do: { kind: 'expire' } }],
  ['HPSS goes down while moving', { words: ['mv'], skip: 1, do: { kind: 'down' } }],
  ['removing fails', { words: ['rm'], do: { kind: 'fail', code: -5 } }],
  ['listings are cut', { words: ['ls', '-DaR'], do: { kind: 'truncate', bytes: 150 } }],
];

test.each(faults)('%s: status and record tell the truth, and the next run does what is left', async (_, fault) => {
  const at = await hpssPlace(rules);
  const which = fault.words?.includes('put') ? /txt$/ : fault.tool === 'htar' ? /batch/ : /./;
  const some = (files: object) => Object.fromEntries(Object.entries(files).filter(([name]) => which.test(name)));
  plant(at.data, some(first));
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  plant(at.data, some(second));
  at.hpss.script(fault);
  if (fault.do.kind === 'hang') patientFor(at.config, 2);
  const { status, out, err } = await stowage('archive', at.config, 'data');
  at.hpss.script();
  patientFor(at.config, 3600);
  const verified = await stowage('verify', at.config, 'data', '--level', 'size');
  // The copy of the record on HPSS is part of it.
  const isDone = /nothing is missing|[12] archives? stored/.test(out) && !err.includes('%2Estowage');
  // Success is said where all was done, and nowhere else.
  expect([status === 0, isDone], `${out}${err}`).toEqual([status === 0, status === 0]);
  // What a run put aside and could not put back may be missing until the next one; nothing that is recorded is another than is there.
  expect(verified.out + verified.err).not.toContain('damaged');
  expect(await stowage('archive', at.config, 'data'), 'the next run').toMatchObject({ status: 0 });
  const target = join(at.folder, 'out');
  expect(await stowage('restore', at.config, 'data', '.', '--to', target)).toMatchObject({ status: 0 });
  for (const [name, content] of Object.entries(some({ ...first, ...second })))
    expect(readFileSync(join(target, name), 'utf8'), name).toBe(content);
});

/** How long a transfer may take from now on. */
function patientFor(config: string, seconds: number): void {
  const settings = JSON.parse(readFileSync(config, 'utf8'));
  settings.__config__.hpss.transfer_timeout_seconds = seconds;
  writeFileSync(config, JSON.stringify(settings));
}

test('a quota that is met stops the archives that it stops, and the old ones stay', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, first);
  expect((await stowage('archive', at.config, 'data')).status).toBe(0);
  plant(at.data, { ...second, 'd1/batch/big': 'x'.repeat(100_000) });
  at.hpss.configure({ quotaBytes: 40_000 });
  const { status, err } = await stowage('archive', at.config, 'data');
  expect([status, err]).toEqual([expect.any(Number), expect.stringMatching(/EDQUOT|-122|quota/i)]);
  expect(status).not.toBe(0);
  expect((await stowage('verify', at.config, 'data', '--level', 'size')).out).not.toContain('damaged');
  at.hpss.configure({ quotaBytes: 0 });
  expect(await stowage('archive', at.config, 'data')).toMatchObject({ status: 0 });
});
