import { expect, test } from 'vitest';
import { siteTime } from './site-time.ts';

const california = siteTime('America/Los_Angeles');
const at = (text: string) => Date.parse(text);

test.each([
  ['2014-08-23T04:44:36Z', 'Fri Aug 22 21:44:36 2014'],
  ['2017-07-04T19:00:00Z', 'Tue Jul  4 12:00:00 2017'],
  ['2026-03-08T09:59:59Z', 'Sun Mar  8 01:59:59 2026'],
  ['2026-03-08T10:00:00Z', 'Sun Mar  8 03:00:00 2026'],
  ['2026-11-01T08:30:00Z', 'Sun Nov  1 01:30:00 2026'],
  ['2026-11-01T09:30:00Z', 'Sun Nov  1 01:30:00 2026'],
  ['1969-12-31T23:59:59Z', 'Wed Dec 31 15:59:59 1969'],
])('full date in the site zone: %s is %s', (time, expected) => {
  expect(california.full(at(time))).toBe(expected);
});

test('a short date has a time for half a year, and then a year (1, ls -l)', () => {
  const now = at('2026-05-21T00:00:00Z');
  expect(california.short(at('2026-05-20T16:07:00Z'), now)).toBe('May 20 09:07');
  expect(california.short(at('2017-07-04T19:00:00Z'), now)).toBe('Jul  4  2017');
});

test('the other forms', () => {
  const time = at('2010-09-25T00:36:53Z');
  expect(california.slashed(time)).toBe('2010/09/24 17:36:53');
  expect(california.minute(time)).toBe('2010-09-24 17:36');
  expect(california.american(time)).toEqual(['09/24/2010', '17:36:53']);
});

test.each(['UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe'])('agrees with the platform in %s', (zone) => {
  const times = siteTime(zone);
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  for (let ms = at('2026-01-01T00:00:00Z'); ms < at('2027-01-01T00:00:00Z'); ms += 35_999_000) {
    const [, year, month, day, time] = /^(\d+)\/(\d+)\/(\d+) (.*)$/.exec(times.slashed(ms)) ?? [];
    expect(`${day}/${month}/${year}, ${time}`).toBe(format.format(ms));
  }
});
