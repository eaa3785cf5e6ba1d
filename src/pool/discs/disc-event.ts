import type { PoolDeed, PoolEvent, PoolLevel } from '../pool-event.ts';

/** One thing that an action on a disc has to say. A warning is no failure. */
export function discEvent(
  action: string,
  level: PoolLevel,
  deed: PoolDeed,
  text: string,
  facts: Partial<PoolEvent> = {},
): PoolEvent {
  return { kind: 'pool', action, level, deed, text, ...facts };
}

/** A size for people. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`;
}
