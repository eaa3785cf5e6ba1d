import { HpssError } from './hpss-error.ts';

/** A time of day, as a clock shows it; `month` from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/**
 * Seconds since 1970 UTC of a clock's time in a zone. In an hour that comes twice it is the first; a time that a clock skips is as much later as the clock was put on. Throws
 * `configuration` for a zone that nobody knows, and `unavailable` for a time that is none.
 */
export function epochSeconds(wall: WallTime, zone = 'UTC'): number {
  const { year, month, day, hour, minute, second } = wall;
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  const back = new Date(asUtc * 1000);
  // A leap second is the next second.
  const isTime = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60;
  if (!isTime && second < 60)
    throw new HpssError('unavailable', `${year}-${month}-${day} ${hour}:${minute}:${second} is no time`);
  if (zone === 'UTC') return asUtc;
  const before = offsetSeconds(asUtc - 86_400, zone);
  const after = offsetSeconds(asUtc + 86_400, zone);
  const fits = [before, after].find((offset) => offsetSeconds(asUtc - offset, zone) === offset);
  return asUtc - (fits ?? before);
}

/** How far a zone's clocks are ahead of UTC. */
function offsetSeconds(epoch: number, zone: string): number {
  // Offsets change at full quarters of an hour.
  const slot = Math.floor(epoch / 900);
  const key = `${zone} ${slot}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(slot * 900_000)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<string, number>;
  const shown = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour! % 24, parts.minute!, parts.second!);
  const offset = shown / 1000 - slot * 900;
  if (offsets.size > 100_000) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
    return format;
  } catch (cause) {
    throw new HpssError('configuration', `'${zone}' is no time zone`, {
      hint: 'write it as America/Los_Angeles',
      cause,
    });
  }
}
