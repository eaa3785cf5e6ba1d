import { dayOfPath } from '../pool/week.ts';
import type { Source } from '../store/store.ts';
import type { DayNames } from './days-configuration.ts';

/** The days of which a store has archives, with the peers that these are of. */
export async function daysInStore(
  store: Source,
  options: { readonly signal?: AbortSignal },
): Promise<Map<string, DayNames>> {
  const days = new Map<string, { readonly peers: string[]; readonly left: readonly string[] }>();
  for await (const { key } of store.list('', options)) {
    const [, day, name] = /^(\d{4}\/\d{2}\/\d{2})\/(.+)\.tar$/s.exec(key) ?? [];
    if (day === undefined || dayOfPath(day) === undefined) continue;
    const found = days.get(day) ?? { peers: [], left: [] };
    days.set(day, found);
    if (!name!.includes('/')) found.peers.push(name!);
  }
  return days;
}
