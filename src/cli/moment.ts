import { StowageError } from '../errors.ts';

const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Nanoseconds since 1970 of a date, or of a date with a time; UTC unless it says otherwise. Throws `usage`. */
export function parseMoment(option: string, given: string): bigint {
  const [, day = '', time = '00:00', fraction = '', zone = 'Z'] = form.exec(given) ?? [];
  const milliseconds = Date.parse(`${day}T${time}${zone}`);
  // Of the 30th of February Date.parse makes a day in March.
  const isDay = day !== '' && new Date(Date.parse(`${day}T00:00Z`) || 0).toISOString().startsWith(day);
  if (isDay && !Number.isNaN(milliseconds)) return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
  throw new StowageError('usage', `'${given}' is not a date`, {
    hint: `${option} 2024-01-31, or 2024-01-31T12:00:00Z`,
  });
}
