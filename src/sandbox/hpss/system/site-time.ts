/** A time of day somewhere, in numbers; `month` from 0, `weekDay` from 0 for Sunday. */
interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** The forms of a time that the two programs print, all in the site's zone. */
export interface SiteTime {
  /** `Fri Aug 22 21:44:36 2014` */
  full(ms: number): string;
  /** `May 20 09:07`, and for what is older than half a year `Jul  4  2017`. */
  short(ms: number, nowMs: number): string;
  /** `2010/09/24 17:36:53` */
  slashed(ms: number): string;
  /** `01/29/2004` and `15:25:02` */
  american(ms: number): readonly [date: string, time: string];
  /** `2010-09-24 14:24` */
  minute(ms: number): string;
}

const weekDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const halfYearMs = 182 * 86_400_000;
const quarterHourMs = 900_000;

/** Times as clocks in this zone show them. The zone's offset is asked once for each quarter of an hour: the question is slow. */
export function siteTime(zone: string): SiteTime {
  // Made when it is first needed: it costs as much as all else that a short command does.
  let format: Intl.DateTimeFormat | undefined;
  const offsets = new Map<number, number>();
  const wall = (ms: number): WallTime => {
    const slot = Math.floor(ms / quarterHourMs);
    let offset = offsets.get(slot);
    if (offset === undefined) {
      format ??= new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
      offset = offsetMs(format.format(slot * quarterHourMs));
      offsets.set(slot, offset);
    }
    const at = new Date(ms + offset);
    return {
      year: at.getUTCFullYear(),
      month: at.getUTCMonth(),
      day: at.getUTCDate(),
      weekDay: at.getUTCDay(),
      hour: at.getUTCHours(),
      minute: at.getUTCMinutes(),
      second: at.getUTCSeconds(),
    };
  };
  return {
    full(ms) {
      const { weekDay, month, day, year, ...time } = wall(ms);
      return `${weekDays[weekDay]} ${months[month]} ${String(day).padStart(2)} ${clock(time)} ${year}`;
    },
    short(ms, nowMs) {
      const { month, day, year, hour, minute } = wall(ms);
      const recent = ms <= nowMs && nowMs - ms < halfYearMs;
      const last = recent ? `${two(hour)}:${two(minute)}` : String(year).padStart(5);
      return `${months[month]} ${String(day).padStart(2)} ${last}`;
    },
    slashed(ms) {
      const { year, month, day, ...time } = wall(ms);
      return `${year}/${two(month + 1)}/${two(day)} ${clock(time)}`;
    },
    american(ms) {
      const { year, month, day, ...time } = wall(ms);
      return [`${two(month + 1)}/${two(day)}/${year}`, clock(time)];
    },
    minute(ms) {
      const { year, month, day, hour, minute } = wall(ms);
      return `${year}-${two(month + 1)}-${two(day)} ${two(hour)}:${two(minute)}`;
    },
  };
}

function clock(time: Pick<WallTime, 'hour' | 'minute' | 'second'>): string {
  return `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** From `8/22/2014, GMT-07:00`. */
function offsetMs(text: string): number {
  const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
  const size = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000;
  return sign === '-' ? -size : size;
}
