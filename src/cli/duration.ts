import { StowageError } from '../errors.ts';

const seconds: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of a duration such as `90d`, `12h` or `1.5h`; `m` is none, as it could be months. Throws `usage`. */
export function parseDuration(option: string, given: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?(s|min|h|d|w)$/.exec(given.trim()) ?? [];
  const duration = number === '' ? Number.NaN : Number(number) * seconds[unit]!;
  if (duration > 0 && duration <= longest) return duration;
  throw new StowageError('usage', `'${given}' is not a duration`, {
    hint: `a number with s, min, h, d or w: ${option} 12h`,
  });
}

const longest = 1000 * 366 * 86_400;
