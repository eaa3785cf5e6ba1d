const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** A size for people: `512 B`, `12.3 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let size = bytes;
  let unit = -1;
  do {
    size /= 1024;
    unit += 1;
  } while (size >= 1023.95 && unit < units.length - 1);
  return `${size.toFixed(1)} ${units[unit]}`;
}

/** A whole number with commas: `1,234`. By hand, because to load what `toLocaleString` needs takes longer than many a command. */
export function numberText(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A number with its noun: `1 file`, `1,234 files`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

/** A share for people: `12.3%`. It says 0% and 100% only where it is that. */
export function shareText(share: number): string {
  if (share <= 0 || share >= 1) return share <= 0 ? '0%' : '100%';
  return `${Math.min(99.9, Math.max(0.1, Math.round(share * 1000) / 10)).toFixed(1)}%`;
}

/** A share that is a bound from above, never rounded downwards, with two digits that count: `2.9%`, `0.0034%`. */
export function boundText(share: number): string {
  if (share <= 0 || share >= 1) return share <= 0 ? '0%' : '100%';
  const percent = share * 100;
  const digits = Math.max(1, 1 - Math.floor(Math.log10(percent)));
  // That 0.29 × 100 is 28.999999999999996 must not make 29.1% of 29%.
  const bound = Math.ceil(percent * 10 ** digits - 1e-6) / 10 ** digits;
  return `${bound.toFixed(digits)}%`;
}

/** A duration for people: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
