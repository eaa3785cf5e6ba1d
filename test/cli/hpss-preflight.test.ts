import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hsi } from '../../src/hpss/hsi.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant, stowage, stowageJson } from '../stowage.ts';

const rules = {
  good: { 'good/.*$': 'good/all.tar' },
  odd: { 'odd/((.|\\n)+)$': 'odd/\\1.tar' },
  under: { 'under/.*$': 'taken/x.tar' },
  kept: { 'kept/.*$': 'locked/x.tar' },
  index: { 'index/(.*)$': 'index/\\1.idx' },
};
const files = { 'good/a': 'a', 'odd/two\nlines': 'b', 'under/c': 'c', 'kept/d': 'd', 'index/e.tar': 'e' };

/** What the run says of each archive that is not made, and of all of them, in its order. */
function told(events: readonly { readonly event: string }[]) {
  return (events as readonly Record<string, unknown>[])
    .filter(({ event, finding }) => event === 'finding' && (finding === 'obstacle' || finding === 'withheld'))
    .map((one) => [one.archive ?? '', (one.why as { reason?: string } | undefined)?.reason ?? one.reason]);
}

const inTheWay = [
  ['data/index/e.tar.idx', expect.stringContaining('htar calls its index')],
  ['data/odd/two\nlines.tar', expect.stringContaining('the end of a line')],
  ['data/locked/x.tar', expect.stringContaining('we may not write to')],
  ['data/taken/x.tar', expect.stringContaining('is no directory')],
];

test('all that stands in the way is told at once, before anything is sent; the rest is stored', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, files);
  mkdirSync(at.hpss.local(`${at.hpssRoot}/data/locked`), { recursive: true });
  writeFileSync(at.hpss.local(`${at.hpssRoot}/data/taken`), 'a file');
  await hsi(['chmod', '555', `${at.hpssRoot}/data/locked`], at.hpss.options);
  const dry = await stowageJson('archive', at.config, 'data', '--dry-run');
  expect([dry.status, told(dry.events)]).toEqual([1, inTheWay]);
  expect(dry.events.filter(({ event }) => event === 'due').map((one) => one.archive)).toEqual(['data/good/all.tar']);
  const ran = await stowageJson('archive', at.config, 'data');
  expect([ran.status, told(ran.events)]).toEqual([1, inTheWay]);
  const order = ran.events.map(({ event, finding }) => (event === 'stored' ? 'stored' : finding)).filter(Boolean);
  expect(order.lastIndexOf('withheld')).toBeLessThan(order.indexOf('stored'));
  expect(ran.events.filter(({ event }) => event === 'stored').map((one) => one.archive)).toEqual(['data/good/all.tar']);
});

test('where nothing can be stored nothing is sent: htar is not there, we may not write, and what else there is', async () => {
  const at = await hpssPlace(rules);
  plant(at.data, { 'good/a': 'a', 'odd/two\nlines': 'b' });
  rmSync(join(at.hpss.folder, 'bin/htar'));
  at.hpss.script({ words: ['mkdir'], do: { kind: 'fail', code: -13 } });
  const ran = await stowage('archive', at.config, 'data');
  expect(ran.status).toBe(4);
  for (const text of ['bin/htar', 'nothing can be written to', 'HPSS_EACCES', 'end of a line', 'nothing was sent'])
    expect(ran.out + ran.err).toContain(text);
  expect(existsSync(at.hpss.local(`${at.hpssRoot}/data`))).toBe(false);
  const sent = readFileSync(join(at.hpss.folder, 'sessions.jsonl'), 'utf8');
  expect(sent).not.toContain('"htar"');
});

test('a quota that cannot hold it is told before; what fits is stored', async () => {
  const at = await hpssPlace({ d: { 'd/(.*)$': '\\1' } });
  plant(at.data, { 'd/small': 'x', 'd/large': 'y'.repeat(50_000) });
  at.hpss.configure({ quotaBytes: 20_000 });
  const ran = await stowage('archive', at.config, 'data', '--jobs', '1');
  expect(ran.err + ran.out).toMatch(/the quota on HPSS is 20000 bytes: 0 are used, and this needs up to 50001/);
  expect(ran.status).toBe(4);
  at.hpss.configure({ quotaBytes: 100_000 });
  const again = await stowage('archive', at.config, 'data');
  expect([again.status, again.out + again.err]).toEqual([0, expect.not.stringContaining('quota')]);
});

test('files that cannot be archived, or are being written, are told before anything is sent, once', async () => {
  const at = await hpssPlace({ good: { 'good/.*$': 'good/all.tar' } });
  plant(at.data, { 'good/a': 'a', 'good/gone': 'b', 'good/moving': 'c' });
  expect((await stowage('scan', at.config, 'data')).status).toBe(0);
  rmSync(join(at.data, 'good/gone'));
  utimesSync(join(at.data, 'good/moving'), 1, 1);
  const ran = await stowageJson('archive', at.config, 'data', '--listing', 'latest');
  const findings = ran.events.filter(({ event }) => event === 'finding');
  expect(findings.map(({ finding, path }) => [finding, path])).toEqual([
    ['refused', 'good/gone'],
    ['changing', 'good/moving'],
  ]);
  expect(ran.events.findIndex(({ event }) => event === 'stored')).toBeGreaterThan(
    ran.events.findLastIndex(({ event }) => event === 'finding'),
  );
  expect(ran.status).toBe(1);
});
