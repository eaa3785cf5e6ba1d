import { isStowageError } from '../../../errors.ts';
import { displayName, nameFromJson } from '../../../model/byte-name.ts';
import type { CopyEvent } from '../copy-event.ts';
import type { CopyParts } from '../copy-parts.ts';
import { isHeld, replicasOf } from './commit-replica.ts';
import type { Replacement } from './journal-line.ts';
import type { LeftUpload } from './left-uploads.ts';
import { hasGuid } from './same-content.ts';
import { removeStored, type Storage } from './store-replica.ts';

type Tell = (event: CopyEvent) => void;

/** Permissions are for a day; nothing that is older can be committed. */
const permittedMs = 24 * 3_600_000;

/**
 * Settles what cannot wait until its file is copied again: a replacement that was left half way, and what can never be committed any more. True if nothing is left to do for
 * it. What cannot be settled now is told, and stays for the next run.
 */
export async function settleLeft(parts: CopyParts, storage: Storage, left: LeftUpload, tell: Tell): Promise<boolean> {
  const { lfn } = left;
  try {
    if (left.moving !== undefined) return await settleMoving(parts, left.moving, tell);
    if (left.as !== undefined) return await takeBack(parts, storage, left, left.as, tell);
    if (parts.clock.now().getTime() - left.at.getTime() < permittedMs) return false;
    await tellLost(parts, left, tell);
    return true;
  } catch (error) {
    if (!isStowageError(error)) throw error;
    tell({ kind: 'settled', lfn, how: `a run that was stopped left ${left.as ?? lfn}; not settled: ${error.message}` });
    return false;
  }
}

/** The new content was being stored under another name: what there is of it goes, and the old is as it was. */
async function takeBack(
  parts: CopyParts,
  storage: Storage,
  left: LeftUpload,
  as: string,
  tell: Tell,
): Promise<boolean> {
  await removeReplicas(parts, storage, left, as);
  if ((await parts.grid.stat(as)) !== undefined) await parts.grid.rm([as]);
  const from = displayName(nameFromJson(left.local));
  const how = `a run that was stopped had stored ${from} beside it, and that is removed; it is as it was before`;
  tell({ kind: 'settled', lfn: left.lfn, how });
  return true;
}

/** Both contents were stored, and changing places. It goes forward where the old one has left its place, else back. */
export async function settleMoving(
  { grid }: Pick<CopyParts, 'grid'>,
  moving: Replacement,
  tell: Tell,
): Promise<boolean> {
  const { lfn, as, guid, backup, oldGuid } = moving;
  const say = (how: string): true => {
    tell({ kind: 'settled', lfn, how: `a run was stopped while it replaced it: ${how}` });
    return true;
  };
  const [target, fresh, old] = await Promise.all([grid.stat(lfn), grid.stat(as), grid.stat(backup)]);
  if (target === undefined) {
    if (fresh !== undefined && hasGuid(fresh, guid)) {
      await grid.mv(as, lfn);
      return say((await retireOld({ grid }, moving)) ?? 'it now has the new content');
    }
    if (old === undefined) return say(`nothing is left of it, neither as ${as} nor as ${backup}`);
    await grid.mv(backup, lfn);
    return say('it has its old content again');
  }
  if (hasGuid(target, guid)) return say((await retireOld({ grid }, moving)) ?? 'it has the new content');
  if (hasGuid(target, oldGuid) && old === undefined) {
    if (fresh !== undefined) await grid.rm([as]);
    return say('it has its old content, and the new one is removed');
  }
  const others = [fresh === undefined ? '' : as, old === undefined ? '' : backup].filter((one) => one !== '');
  return say(`somebody else wrote to it meanwhile; ${others.join(' and ') || 'nothing else'} is left as it is`);
}

/**
 * Removes the old content, or gives it the name that it is to keep, if the new one has its place and it is the old content: somebody else may have written to the name while the two were moved. Undefined if that is
 * done; else what is there now, and nothing was removed.
 */
export async function retireOld(
  { grid }: Pick<CopyParts, 'grid'>,
  { lfn, guid, backup, oldGuid, keep }: Replacement,
): Promise<string | undefined> {
  const [placed, old] = await Promise.all([grid.stat(lfn), grid.stat(backup)]);
  if (placed === undefined || !hasGuid(placed, guid)) {
    // A server moves beside what comes to a name that is taken.
    return `somebody else wrote to it meanwhile; the old content is ${backup}, the new one ${lfn}_backup`;
  }
  if (old === undefined) return undefined;
  if (!hasGuid(old, oldGuid)) {
    return `somebody else had written to it; it has the new content, and what they wrote is ${backup}`;
  }
  if (keep === undefined) {
    await grid.rm([backup]);
    return undefined;
  }
  const older = await grid.stat(keep);
  if (older?.type === 'directory') return `its old content is ${backup}, because ${keep} is a directory`;
  if (older !== undefined) await grid.rm([keep]);
  await grid.mv(backup, keep);
  return undefined;
}

async function tellLost({ grid }: CopyParts, left: LeftUpload, tell: Tell): Promise<void> {
  const held = await replicasOf(grid, left.lfn);
  for (const replica of left.replicas.filter((one) => !isHeld(held, one))) {
    const how = `a run of ${left.at.toISOString()} may have stored ${displayName(left.local.path)} at ${replica.se} as ${replica.url}; it was not committed, and cannot be any more`;
    tell({ kind: 'settled', lfn: left.lfn, how });
  }
}

/** Removes the replicas that the catalogue does not have under this name. What cannot be removed stays at its storage element, and nobody refers to it. */
export async function removeReplicas(
  { grid }: CopyParts,
  storage: Storage,
  { replicas }: Pick<LeftUpload, 'replicas'>,
  lfn: string,
): Promise<void> {
  const held = await replicasOf(grid, lfn);
  for (const replica of replicas.filter((one) => !isHeld(held, one))) {
    await removeStored(storage, replica).catch(() => undefined);
  }
}
