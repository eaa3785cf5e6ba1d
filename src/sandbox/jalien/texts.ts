import type { Entry } from './catalogue.ts';
import { permissionText } from './catalogue.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const two = (value: number): string => String(value).padStart(2, '0');

/** `2.861 MB`: four digits that count, in steps of 1024. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : Number(value.toPrecision(4))} ${units[unit]}`;
}

/** `Nov 20 20:11`, in UTC; with the year where it is another. */
export function listingTime(ms: number, now: number): string {
  const at = new Date(ms);
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  const tail = at.getUTCFullYear() === new Date(now).getUTCFullYear() ? clock : ` ${at.getUTCFullYear()}`;
  return `${months[at.getUTCMonth()]} ${two(at.getUTCDate())} ${tail}`;
}

/** `2026-11-20 20:11:40`, in UTC. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** `Fri Nov 20 20:10:20 UTC 2026`. */
export function longTime(ms: number): string {
  const at = new Date(ms);
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':');
  return `${days[at.getUTCDay()]} ${months[at.getUTCMonth()]} ${two(at.getUTCDate())} ${clock} UTC ${at.getUTCFullYear()}`;
}

/** The columns before the name in a long listing. */
export function longColumns(entry: Entry, now: number, human: boolean): string {
  const size = entry.type === 'd' ? 0 : entry.size;
  const sizeColumn = human ? sizeText(size) : String(size);
  const owners = `${entry.owner.padStart(10)} ${entry.group.padStart(8)}`;
  return `${permissionText(entry)} ${owners} ${sizeColumn.padStart(12)} ${listingTime(entry.ctimeMs, now)}`;
}
