import type { FileOperations } from '../../durable/file-operations.ts';
import type { Member } from '../../model/manifest.ts';
import type { PoolConfiguration } from '../configuration/pool-configuration.ts';
import { indicators, indicatorTime } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';
import { dayContents } from './day-contents.ts';
import { stagedDigests } from './staged-digests.ts';
import { type StoredRecord, storedRecords } from './stored-record.ts';

/** True if somebody marked the day as stored after it was staged last, by `cback.store` or `cback.amazons3`: also Cedar Backup, which keeps no record. */
export async function isMarkedStored(files: FileOperations, folder: string): Promise<boolean> {
  const staged = await indicatorTime(files, folder, indicators.stage);
  for (const name of [indicators.store, indicators.amazons3]) {
    const stored = await indicatorTime(files, folder, name);
    if (stored !== undefined && (staged === undefined || stored >= staged)) return true;
  }
  return false;
}

/**
 * The first path of a staged day that no record says was stored as it is now, wherever it is to be; undefined if all of it was, and there is a record at all. `folder` is the
 * day's directory. Throws `corrupt` for a damaged record.
 */
export async function notStored(
  { stateDir, configuration }: Pick<PoolRun, 'stateDir' | 'configuration'>,
  day: string,
  folder: string,
): Promise<string | undefined> {
  const records = await storedRecords(stateDir, day);
  const contents = dayContents(folder);
  if (records.length === 0) return contents.keys().next().value ?? '';
  // What is staged again with the same size and time is another file if its digest is another.
  const digests = await stagedDigests(stateDir, day, contents);
  const copies = wantedCopies(configuration, records);
  for (const [path, member] of contents) {
    if (!copies.every((one) => isStoredIn(one, member, digests.get(path)))) return path;
  }
  return undefined;
}

/** The records of each copy that there is to be: where days go to a disc and to a store, it must be in both. */
export function wantedCopies(
  { store }: PoolConfiguration,
  records: readonly StoredRecord[],
): readonly (readonly StoredRecord[])[] {
  if (store?.disc === undefined || store.target === undefined) return [records];
  return [records.filter(({ disc }) => disc !== undefined), records.filter(({ archives }) => archives !== undefined)];
}

/** True if one of the records has this file or link; of two digests both must be the same. */
export function isStoredIn(records: readonly StoredRecord[], now: Member, sha256: string | undefined): boolean {
  return records.some(({ members }) => {
    const then = members.get(now.path);
    if (then === undefined || then.type !== now.type) return false;
    if (then.bytes !== now.bytes || then.mtimeNs !== now.mtimeNs || then.target !== now.target) return false;
    return then.sha256 === undefined || sha256 === undefined || then.sha256 === sha256;
  });
}
