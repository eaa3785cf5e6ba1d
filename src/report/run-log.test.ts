import { expect, test } from 'vitest';
import { StowageError } from '../errors.ts';
import type { Reporter } from './reporter.ts';
import { loggedReporter } from './run-log.ts';
import { withoutSecrets } from './without-secrets.ts';

test.each([
  ['https://me:geheim@host/path', 'https://me:***@host/path'],
  ['grid://me:ge@he:im@host:1094//x', 'grid://me:***@host:1094//x'],
  ['hpss:me:geheim@host/x', 'hpss:me:***@host/x'],
  ['dir:/vault/a:b@c', 'dir:/vault/a:b@c'],
  ['https://host:8443/x', 'https://host:8443/x'],
  ['https://me@host/x', 'https://me@host/x'],
  ['--password geheim --x', '--password *** --x'],
  ['--store-password=geheim', '--store-password=***'],
  ['["--token","geheim","x"]', '["--token","***","x"]'],
  ['raw/a:b@c.fits 12:30:00', 'raw/a:b@c.fits 12:30:00'],
  ['the store https://a:b@c and https://d:e@f', 'the store https://a:***@c and https://d:***@f'],
])('%s is logged as %s', (text, expected) => {
  expect(withoutSecrets(text)).toBe(expected);
});

function logged() {
  const lines: string[] = [];
  const told: string[] = [];
  let ticks = 0;
  const inner: Reporter = {
    event: (event) => told.push(event.kind),
    progress: ({ stage }) => told.push(stage),
    error: (error) => told.push(String(error)),
    end: (status) => told.push(`end ${status}`),
  };
  const log = loggedReporter(inner, {
    run: 'r',
    line: (text) => lines.push(text),
    now: () => new Date(0),
    ticks: () => {
      ticks += 1000;
      return ticks;
    },
    used: () => ({ peakBytes: 1 }),
  });
  return { log, told, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('everything is passed on, and every line says when, which run and what', () => {
  const { log, told, records } = logged();
  log.event({ kind: 'unlocked', section: 's', holder: undefined });
  log.progress({ stage: 'scan', items: 1, bytes: 2 });
  log.error(new StowageError('full', 'x'));
  log.end(4);
  expect(told).toEqual(['unlocked', 'scan', 'StowageError: x', 'end 4']);
  expect(records().map((one) => [one.at, one.run, one.log])).toEqual(
    ['event', 'stage', 'error', 'end'].map((kind) => ['1970-01-01T00:00:00.000Z', 'r', kind]),
  );
  expect(records().at(-1)).toMatchObject({ status: 4, seconds: expect.any(Number), peakBytes: 1 });
});

test('a stage is logged once, when it ends, with how far it came and how long it took', () => {
  const { log, records } = logged();
  for (const items of [1, 2, 3]) log.progress({ stage: 'scan', items, bytes: 0 });
  log.progress({ stage: 'archive', items: 5, bytes: 6 });
  log.end(0);
  expect(records()).toMatchObject([
    { log: 'stage', stage: 'scan', items: 3, seconds: 1 },
    { log: 'stage', stage: 'archive', items: 5, bytes: 6, seconds: 1 },
    { log: 'end' },
  ]);
});

test('an error is logged with all its causes, what is known of each, and stacks; a ring of causes ends', () => {
  const { log, records } = logged();
  const system = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', syscall: 'write', path: '/x' });
  const outer = new StowageError('full', 'cannot write', { hint: 'free some', facts: { bytes: 5n }, cause: system });
  Object.assign(system, { cause: outer });
  log.event({ kind: 'failed', what: 'data/x.tar', error: outer });
  log.error('a text');
  const [failed, text] = records();
  expect(failed).toMatchObject({
    log: 'event',
    event: 'failed',
    what: 'data/x.tar',
    causes: [
      { name: 'StowageError', code: 'full', message: 'cannot write', hint: 'free some', facts: { bytes: '5' } },
      { name: 'Error', code: 'ENOSPC', syscall: 'write', path: '/x', stack: expect.stringContaining('run-log.test') },
    ],
  });
  expect(failed!.causes).toHaveLength(2);
  expect(text).toMatchObject({ log: 'error', causes: [{ message: 'a text' }] });
});

test('what JSON cannot say stops nothing', () => {
  const { log, records } = logged();
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  log.error(new StowageError('bug', 'x', { facts: ring }));
  log.note('begin', { big: 1n });
  expect(records()).toMatchObject([
    { log: 'error', causes: [{ code: 'bug', facts: expect.stringContaining('circular') }] },
    { log: 'begin', unwritten: expect.stringContaining('BigInt') },
  ]);
});
