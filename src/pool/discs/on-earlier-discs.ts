import type { Member } from '../../model/manifest.ts';
import { baseOf } from '../../model/relative-path.ts';
import { isIndicator } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';
import type { StagedDay } from '../stored/staged-day.ts';
import { storedRecords } from '../stored/stored-record.ts';

/** What of days other discs hold, by path in the day. */
export type OnEarlierDiscs = ReadonlyMap<
  StagedDay,
  ReadonlyMap<string, { readonly disc: string; readonly member: Member }>
>;

/** What of days that are spread over several discs is recorded to be on these, as it is staged now; days of which nothing is are left out. */
export async function onEarlierDiscs(run: PoolRun, days: readonly StagedDay[]): Promise<OnEarlierDiscs> {
  const found = new Map<StagedDay, Map<string, { readonly disc: string; readonly member: Member }>>();
  for (const staged of days) {
    const there = new Map<string, { readonly disc: string; readonly member: Member }>();
    for (const { disc, members } of await storedRecords(run.stateDir, staged.day)) {
      if (disc?.span !== true) continue;
      for (const [path, member] of members) {
        const now = staged.members.get(path);
        if (now === undefined || isIndicator(baseOf(path))) continue;
        const isSame = now.type === member.type && now.bytes === member.bytes && now.mtimeNs === member.mtimeNs;
        const isOther = now.sha256 !== undefined && now.sha256 !== member.sha256;
        if (isSame && now.target === member.target && !isOther)
          there.set(path, { disc: `${disc.label} ${disc.begun}`, member });
      }
    }
    if (there.size > 0) found.set(staged, there);
  }
  return found;
}
