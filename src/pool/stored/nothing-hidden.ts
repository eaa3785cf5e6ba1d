import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { baseOf } from '../../model/relative-path.ts';
import { isIndicator } from '../indicators.ts';
import { stagedDigests } from './staged-digests.ts';
import { type StoredRecord, storedRecords } from './stored-record.ts';

/**
 * That no file of a day takes the name of another one that is stored in the same place and is staged no more: a day that was purged and staged once more may hold only what came since, and what is there already
 * would be hidden by it, or overwritten. `isHere` says which records are about the place that `where` names. Throws `refused` with the first such file.
 */
export async function requireNothingHidden(
  stateDir: string,
  { day, members }: { readonly day: string; readonly members: ReadonlyMap<string, Member> },
  where: string,
  isHere: (record: StoredRecord) => boolean,
): Promise<void> {
  const there = new Map<string, Member>();
  for (const record of await storedRecords(stateDir, day)) {
    if (isHere(record)) for (const [path, member] of record.members) there.set(path, member);
  }
  if (there.size === 0) return;
  const known = await stagedDigests(stateDir, day, members);
  const digestOf = (member: Member) => member.sha256 ?? known.get(member.path);
  // What is staged under any name, or stays in sight there.
  const kept = new Set(
    [...members.values(), ...[...there.values()].filter(({ path }) => !members.has(path))].map(digestOf),
  );
  kept.delete(undefined);
  for (const [path, member] of there) {
    const now = members.get(path);
    if (now === undefined || member.type !== 'file' || member.bytes === 0 || isIndicator(baseOf(path))) continue;
    const digest = digestOf(now);
    const isSame =
      digest === undefined || member.sha256 === undefined
        ? now.bytes === member.bytes && now.mtimeNs / 1000n === member.mtimeNs / 1000n
        : digest === member.sha256;
    if (isSame || kept.has(member.sha256)) continue;
    throw new StowageError(
      'refused',
      `'${displayName(`${day}/${path}`)}' is another file than the one of this name on ${where}, which is staged no more and would be hidden`,
      {
        hint: 'nothing was written, and the day stays staged: give the new file another name in its day (a.tar.gz → a.2.tar.gz), and store again',
      },
    );
  }
}
