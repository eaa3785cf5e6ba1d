import { expect, test } from 'vitest';
import { type ErrorCode, StowageError } from '../errors.ts';
import type { Finding } from '../plan/finding.ts';
import type { Event } from '../verbs/events.ts';
import { commands } from './commands.ts';
import { parseDuration } from './duration.ts';
import { exitStatuses, statusOfError, statusOfEvent, worse } from './exit.ts';
import { parseSampleSize } from './sample-size.ts';
import { parseSize } from './size.ts';

test.each([
  ['1', 1],
  ['1048576', 1048576],
  ['1K', 1024],
  ['1k', 1024],
  ['500G', 500 * 2 ** 30],
  ['1.5T', 1.5 * 2 ** 40],
  ['2 GiB', 2 ** 31],
  ['2GB', 2 ** 31],
  ['7B', 7],
  [' 3M ', 3 * 2 ** 20],
  ['4P', 2 ** 52],
])("the size '%s' is %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', '0', '-1', '1X', 'G', '1e3', '0x10', '1,5T', '9P', '1.2.3', 'NaN', '1 2', '0.0001'])(
  "'%s' is no size",
  (text) => {
    expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: 'usage', hint: expect.any(String) }));
  },
);

test.each([
  ['45s', 45],
  ['30min', 1800],
  ['1h', 3600],
  ['1.5 h', 5400],
  ['90d', 7_776_000],
  [' 2w ', 1_209_600],
])("the duration '%s' is %d seconds", (text, seconds) => {
  expect(parseDuration('--max-age', text)).toBe(seconds);
});

test.each(['', '0d', '90', '6m', '1y', '-1d', '1e3s', 'd', '1h30min', '99999999d'])("'%s' is no duration", (text) => {
  expect(() => parseDuration('--max-age', text)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining('--max-age') }),
  );
});

test.each([
  ['5%', { share: 0.05 }],
  ['0.5%', { share: 0.005 }],
  ['100%', { share: 1 }],
  ['100', { archives: 100 }],
])("the sample '%s' is %j", (text, size) => {
  expect(parseSampleSize(text)).toEqual(size);
});

test.each(['', '0', '0%', '101%', '1.5', '-1', '5 %', 'x', '1e3', '99999999999999999'])(
  "'%s' is no size of a sample",
  (text) => {
    expect(() => parseSampleSize(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);

const ofCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  configuration: 3,
  mismatch: 3,
  unavailable: 4,
  full: 4,
  corrupt: 4,
  asleep: 4,
  exists: 4,
  changed: 4,
  program: 4,
  missing: 1,
  refused: 1,
  locked: 5,
  interrupted: 130,
  bug: 70,
};

test.each(Object.entries(ofCodes))('an error of the code %s is exit %d', (code, status) => {
  expect(statusOfError(new StowageError(code as ErrorCode, 'x'))).toBe(status);
});

test.each([new Error('x'), new TypeError('x'), 'x', undefined, Object.assign(new Error('x'), { code: 'ENOENT' })])(
  'any other error is a fault of ours: %s',
  (error) => {
    expect(statusOfError(error)).toBe(70);
  },
);

test.each([
  [[0, 1], 1],
  [[1, 4], 4],
  [[4, 1], 4],
  [[4, 5], 5],
  [[70, 130], 130],
  [[0, 0], 0],
  [[4, 70], 70],
])('of %j the worse is %d', ([a, b], status) => {
  expect(worse(a!, b!)).toBe(status);
  expect(worse(b!, a!)).toBe(status);
});

const finding: Finding = { kind: 'unexplained', archive: 'x', bytes: 1 };
const restored = { section: 's', path: 'p', archive: 'x', target: 't', type: 'file', bytes: 1 } as const;
test.each([
  [{ kind: 'finding', section: 's', severity: 'notice', finding }, 0],
  [{ kind: 'finding', section: 's', severity: 'problem', finding }, 1],
  [{ kind: 'finding', section: 's', severity: 'blind', finding }, 4],
  [{ kind: 'failed', what: 'x', error: new StowageError('unavailable', 'x') }, 4],
  [{ kind: 'failed', what: 'x', error: new StowageError('missing', 'x') }, 1],
  [{ kind: 'failed', what: 'x', error: new Error('x') }, 70],
  [{ kind: 'verdict', section: 's', verdict: { archive: 'x', level: 'read', outcome: 'intact', problems: [] } }, 0],
  [{ kind: 'verdict', section: 's', verdict: { archive: 'x', level: 'read', outcome: 'damaged', problems: ['y'] } }, 1],
  [{ kind: 'verdict', section: 's', verdict: { archive: 'x', level: 'size', outcome: 'missing', problems: ['y'] } }, 1],
  [{ kind: 'restored', restored: { ...restored, outcome: 'restored' } }, 0],
  [{ kind: 'restored', restored: { ...restored, outcome: 'there' } }, 0],
  [{ kind: 'restored', restored: { ...restored, outcome: 'differs' } }, 1],
  [{ kind: 'restored', restored: { ...restored, outcome: 'failed' } }, 1],
  [{ kind: 'restored', restored: { ...restored, outcome: 'restored', torn: true } }, 1],
  [{ kind: 'examined', check: 'x', outcome: 'ok', found: '' }, 0],
  [{ kind: 'examined', check: 'x', outcome: 'warning', found: '' }, 0],
  [{ kind: 'examined', check: 'x', outcome: 'problem', found: '' }, 1],
  [{ kind: 'examined', check: 'x', outcome: 'unseen', found: '' }, 4],
  [{ kind: 'checked', sections: [], errors: 0, warnings: 3 }, 0],
  [{ kind: 'checked', sections: [], errors: 1, warnings: 0 }, 3],
] as const satisfies readonly (readonly [Event, number])[])('%j makes the exit status %d', (event, status) => {
  expect(statusOfEvent(event as Event)).toBe(status);
});

test('every status is told once, and every command has a name, a summary and an example', () => {
  const statuses = Object.values(exitStatuses).map((one) => one.status);
  expect([...new Set(statuses)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 70, 130]);
  expect(new Set(commands.map((one) => one.name)).size).toBe(commands.length);
  for (const one of commands) {
    expect(one.summary).not.toMatch(/\.$/);
    for (const example of one.examples) expect(example).toMatch(new RegExp(`\\bstowage ${one.name}\\b`));
    expect(one.examples.length).toBeGreaterThan(0);
  }
});
