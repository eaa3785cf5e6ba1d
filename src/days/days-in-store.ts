import { dayOfPath } from '../pool/week.ts';
import type { Source } from '../store/store.ts';
import { archiveName, besidePeers } from './day-names.ts';
import type { DayNames } from './days-configuration.ts';

/** The days of which a store has archives, with the first one of each peer. */
export async function daysInStore(
  store: Source,
  options: { readonly signal?: AbortSignal },
): Promise<Map<string, DayNames>> {
  const days = new Map<string, { readonly peers: Map<string, string> } & DayNames>();
  for await (const { key } of store.list('', options)) {
    const [, day, name] = /^(\d{4}\/\d{2}\/\d{2})\/(.+)\.tar$/s.exec(key) ?? [];
    if (day === undefined || dayOfPath(day) === undefined) continue;
    const found = days.get(day) ?? { peers: new Map(), beside: besidePeers(1), left: [] };
    days.set(day, found);
    if (!name!.includes('/')) found.peers.set(name!, archiveName(name!, 1));
  }
  return days;
}
