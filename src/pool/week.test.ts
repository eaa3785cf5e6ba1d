import { expect, onTestFinished, test } from 'vitest';
import { calendarDay, dayAfter, dayOfPath, dayPath, startsWeek, weekStart } from './week.ts';

const day = (path: string) => dayOfPath(path)!;

test.each([
  ['2026/11/18', 'monday', '2026/11/16'],
  ['2026/11/16', 'monday', '2026/11/16'],
  ['2026/11/15', 'monday', '2026/11/09'],
  ['2026/11/15', 'sunday', '2026/11/15'],
  // The week in which Europe's clocks go back, one that spans a new year, and the leap day.
  ['2026/10/27', 'saturday', '2026/10/24'],
  ['2027/01/01', 'wednesday', '2026/12/30'],
  ['2028/03/01', 'tuesday', '2028/02/29'],
] as const)('%s, weeks begin on %s: on %s', (path, startingDay, start) => {
  expect(dayPath(weekStart(day(path), startingDay))).toBe(start);
  expect(startsWeek(day(path), startingDay)).toBe(path === start);
});

test('days follow each other where the clock is put forward or back', () => {
  expect(dayPath(dayAfter(day('2026/03/28'), 1))).toBe('2026/03/29');
  expect(dayPath(dayAfter(day('2026/10/26'), -1))).toBe('2026/10/25');
});

test.each(['2026/02/29', '2026/13/01', '2026/1/1', '2026/11/18/x', '', '../../..'])('%j is no day', (path) => {
  expect(dayOfPath(path)).toBeUndefined();
});

test.each([
  ['Europe/Berlin', '2026-10-25T00:30:00Z', '2026/10/25'],
  ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026/10/25'],
  ['Europe/Berlin', '2026-10-24T21:59:59Z', '2026/10/24'],
  ['America/New_York', '2026-11-18T04:59:59Z', '2026/11/17'],
  ['Pacific/Kiritimati', '2026-11-18T10:00:00Z', '2026/11/19'],
])('in %s %s is on %s', (zone, moment, expected) => {
  const before = process.env.TZ;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  process.env.TZ = zone;
  expect(dayPath(calendarDay(new Date(moment)))).toBe(expected);
});

test('a day here', () => {
  expect(calendarDay(new Date(2026, 10, 18, 23, 59, 59))).toEqual({ year: 2026, month: 11, day: 18 });
});
