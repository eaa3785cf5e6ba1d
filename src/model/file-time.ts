/** A time in nanoseconds as `SECONDS.NANOSECONDS` with nine digits, the form that tar's pax headers and `find -printf %T@` use. */
export function timeToText(ns: bigint): string {
  // Cutting the digits is several times faster than dividing, and every member of every archive comes through here.
  const digits = (ns < 0n ? -ns : ns).toString().padStart(10, '0');
  return `${ns < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** The nanoseconds behind such a text; undefined if it is none. Digits past the ninth are dropped. */
export function timeFromText(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,18})(?:\.(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const size = BigInt(match[2]!) * 1_000_000_000n + BigInt((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
  return match[1] === '-' ? -size : size;
}

/** A time in nanoseconds as people read it: ISO 8601 in UTC, to the second. */
export function timeForPeople(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  return Number.isNaN(date.getTime()) ? timeToText(ns) : date.toISOString().replace(/\.\d+Z$/, 'Z');
}
