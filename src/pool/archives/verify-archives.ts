import type { EvidenceLevel } from '../../model/evidence.ts';
import { counted } from '../counted.ts';
import { discEvent } from '../discs/disc-event.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { type StoredArchives, storedDays, storedRecords } from '../stored/stored-record.ts';
import { openedOnce } from './open-archives.ts';

export interface VerifyArchivesOptions {
  /** `YYYY/MM/DD`: that day alone. */
  readonly day?: string;
  /** How closely; as closely as wakes nothing that sleeps, if not given. */
  readonly level?: EvidenceLevel;
}

/** Compares what days were stored as archives with the record, in every store that holds any. Everything that is wrong is told, and fails. Gives how many days these were. */
export async function* verifyArchives(
  run: PoolRun,
  { day, level }: VerifyArchivesOptions,
): AsyncGenerator<PoolEvent, number> {
  const places = new Map<string, { readonly place: StoredArchives; readonly days: Set<string> }>();
  for (const one of day === undefined ? [...(await storedDays(run.stateDir))].sort() : [day]) {
    for (const { archives } of await storedRecords(run.stateDir, one)) {
      if (archives === undefined) continue;
      const key = `${archives.location}\n${archives.root}`;
      const found = places.get(key) ?? { place: archives, days: new Set() };
      places.set(key, found);
      found.days.add(one);
    }
  }
  const stores = openedOnce(run);
  let all = 0;
  try {
    for (const { place, days } of places.values()) {
      let archives = 0;
      let failures = 0;
      for await (const event of (await stores.open(place)).verify([...days], level)) {
        archives += 1;
        if (event.deed === 'failed') failures += 1;
        yield event;
      }
      all += days.size;
      const what = `${counted(archives, 'archive')} of ${counted(days.size, 'day')} in ${place.location}`;
      const end =
        failures === 0
          ? archives === 1
            ? 'is as it was stored'
            : 'are as they were stored'
          : `were looked at; ${counted(failures, 'thing')} ${failures === 1 ? 'is' : 'are'} not as stored`;
      yield discEvent('verify', 'info', 'done', `${what} ${end}`, { files: archives });
    }
  } finally {
    await stores.close();
  }
  return all;
}
