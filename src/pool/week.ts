import { type Weekday, weekdays } from './configuration/pool-options.ts';

/** A day of the calendar, in local time. */
export interface CalendarDay {
  readonly year: number;
  /** 1…12 */
  readonly month: number;
  readonly day: number;
}

/** The day on which a moment falls here; a clock that is put forward or back for summer changes nothing. */
export function calendarDay(moment: Date): CalendarDay {
  return { year: moment.getFullYear(), month: moment.getMonth() + 1, day: moment.getDate() };
}

/** The day so many days later, or earlier for a negative number; no hours are counted, so that none can be missing. */
export function dayAfter({ year, month, day }: CalendarDay, days: number): CalendarDay {
  const moved = new Date(Date.UTC(year, month - 1, day + days));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** `YYYY/MM/DD`: the name of a day's staging directory below the staging directory. */
export function dayPath({ year, month, day }: CalendarDay): string {
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('/');
}

/** The day that such a name means; undefined if there is no such day. */
export function dayOfPath(path: string): CalendarDay | undefined {
  const [, year, month, day] = /^([0-9]{4})\/([0-9]{2})\/([0-9]{2})$/.exec(path) ?? [];
  if (year === undefined) return undefined;
  const found = { year: Number(year), month: Number(month), day: Number(day) };
  return dayPath(dayAfter(found, 0)) === path ? found : undefined;
}

/** True on the first day of the week. */
export function startsWeek(day: CalendarDay, startingDay: Weekday): boolean {
  return daysIntoWeek(day, startingDay) === 0;
}

/** The first day of the week in which a day lies. */
export function weekStart(day: CalendarDay, startingDay: Weekday): CalendarDay {
  return dayAfter(day, -daysIntoWeek(day, startingDay));
}

function daysIntoWeek({ year, month, day }: CalendarDay, startingDay: Weekday): number {
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return (weekday - weekdays.indexOf(startingDay) + 7) % 7;
}
