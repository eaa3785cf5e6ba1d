import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { counted } from '../counted.ts';
import { discEvent, sizeText } from '../discs/disc-event.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import type { StagedDay } from '../stored/staged-day.ts';
import { writeStoreIndicator } from '../stored/store-indicator.ts';
import { recordStored } from '../stored/stored-record.ts';
import type { ArchivesPlace } from './day-archives.ts';
import { openArchives } from './open-archives.ts';

/**
 * Puts days into a store as archives: what of them is not there yet. Only what the store was seen to hold, as it is staged, is recorded, and only then is a day marked, if `marks`. Whatever
 * step this is killed before, the next run does the rest.
 */
export async function* storeInArchives(
  run: PoolRun,
  place: ArchivesPlace,
  days: readonly StagedDay[],
  { action, marks }: { readonly action: string; readonly marks: boolean },
): AsyncGenerator<PoolEvent> {
  const archives = await openArchives(run, place);
  const { location } = archives;
  const { checkData } = run.configuration.store ?? { checkData: false };
  try {
    for (const staged of days) {
      const { day } = staged;
      const held = yield* archives.keep(staged, action);
      const members = requireAllHeld(staged, held, location);
      if (checkData && members.size > 0) yield* requireVerified(archives.verify([day], 'read'), day, location);
      await recordStored(run, { day, by: action, place: location, archives: { ...place, location }, members });
      if (marks) await writeStoreIndicator(run, new Map([[staged.folder, staged.stagedNs]]));
      const bytes = [...members.values()].reduce((sum, one) => sum + one.bytes, 0);
      const text = `The day ${day} is in ${location}, and was checked: ${counted(members.size, 'file')} (${sizeText(bytes)}).`;
      yield discEvent(action, 'info', 'done', text, { day, files: members.size, bytes });
    }
  } finally {
    await archives.close();
  }
}

/** What of a day is staged, with the digests of what the store holds. Throws `changed`, naming the first that is not there as it is staged. */
function requireAllHeld(
  { day, members }: StagedDay,
  held: ReadonlyMap<string, Member>,
  location: string,
): ReadonlyMap<string, Member> {
  return new Map(
    [...members.values()].map((member) => {
      const there = held.get(member.path);
      if (there === undefined) {
        const name = displayName(`${day}/${member.path}`);
        throw new StowageError('changed', `'${name}' is not in ${location} as it is staged`, {
          hint: 'run the same command again, if nothing else was told',
        });
      }
      return [member.path, there.sha256 === undefined ? member : { ...member, sha256: there.sha256 }];
    }),
  );
}

/** What fails here fails the day: it is not marked. */
async function* requireVerified(
  events: AsyncGenerator<PoolEvent>,
  day: string,
  location: string,
): AsyncGenerator<PoolEvent> {
  let failures = 0;
  for await (const event of events) {
    if (event.deed === 'failed') failures += 1;
    yield event;
  }
  if (failures > 0) throw new StowageError('corrupt', `the day ${day} in ${location} is not what was stored`);
  yield discEvent('store', 'info', 'told', `The day ${day} was read back from ${location}.  No problems found.`, {
    day,
  });
}
