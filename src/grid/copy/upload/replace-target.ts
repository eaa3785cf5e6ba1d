import { randomBytes } from 'node:crypto';
import { isStowageError, StowageError } from '../../../errors.ts';
import type { CatalogueEntry } from '../../grid-results.ts';
import { baseOfLfn, directoryOfLfn } from '../../lfn.ts';
import type { CopyEvent } from '../copy-event.ts';
import type { Replacement } from './journal-line.ts';
import { changedMeanwhile } from './plan-upload.ts';
import { hasGuid, isSameContent } from './same-content.ts';
import { retireOld, settleMoving } from './settle-left.ts';
import type { UploadRun } from './upload-run.ts';

/** The names that two contents have while they change places: hidden, beside the target, and of no pattern. */
export function passingNames(lfn: string): { readonly as: string; readonly backup: string } {
  const base = baseOfLfn(lfn)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 100);
  const stem = `${directoryOfLfn(lfn)}.${base}.${randomBytes(6).toString('hex')}`;
  return { as: `${stem}.stowage-new`, backup: `${stem}.stowage-old` };
}

/** What became of a replacement. */
export interface Replaced {
  /** Nothing is left to do for it. */
  readonly isSettled: boolean;
  /** Why it did not come about as it should: somebody else wrote to the name. */
  readonly reason?: StowageError;
}

const settled: Replaced = { isSettled: true };

/**
 * Puts what is stored and committed under another name in the place of the old content, which goes only then, or gets the name that it is to keep. Each step is such that a next run can end it.
 */
export async function replaceTarget(
  run: UploadRun,
  id: number,
  names: Pick<Replacement, 'lfn' | 'as' | 'backup' | 'keep'>,
  old: CatalogueEntry,
  content: { readonly bytes: number; readonly md5: string },
  tell: (event: CopyEvent) => void,
): Promise<Replaced> {
  const { grid } = run.parts;
  const { lfn, as, backup } = names;
  const fresh = await grid.stat(as);
  const guid = fresh?.guid;
  if (guid === undefined || fresh?.bytes !== content.bytes || fresh.md5 !== content.md5) {
    throw new StowageError('corrupt', `the catalogue does not have ${as} as it was committed; ${lfn} is as it was`);
  }
  const change: Replacement = { ...names, guid, oldGuid: old.guid };
  const now = await grid.stat(lfn);
  if (now === undefined || !isSameContent(now, old)) {
    await grid.rm([as]);
    return { isSettled: true, reason: changedMeanwhile(lfn) };
  }
  if (fresh.permissions !== now.permissions) await keepPermissions(run, as, now, tell);
  await run.journal?.moving(id, change);
  let isTheirs = false;
  try {
    await grid.mv(lfn, backup);
    const moved = await grid.stat(backup);
    isTheirs = moved !== undefined && !hasGuid(moved, old.guid);
    await grid.mv(isTheirs ? backup : as, lfn);
  } catch (error) {
    // Forward or back, whichever can be; where neither can, the next run does it.
    await settleMoving(run.parts, change, tell);
    if (!(await isPlaced(run, change))) throw error;
    return settled;
  }
  if (isTheirs) {
    // It came behind our last look, and has its name again.
    await grid.rm([as]);
    return { isSettled: true, reason: changedMeanwhile(lfn) };
  }
  try {
    const left = await retireOld(run.parts, change);
    if (left === undefined) return settled;
    const reason = new StowageError('changed', `${lfn} was replaced, and ${left}`, {
      hint: `look at what is in ${directoryOfLfn(lfn)}; nothing was removed`,
    });
    return { isSettled: true, reason };
  } catch (error) {
    if (!isStowageError(error)) throw error;
    const how = `it is replaced; its old content is still there as ${backup}: ${error.message}`;
    tell({ kind: 'settled', lfn, how });
    return { isSettled: false };
  }
}

async function isPlaced({ parts }: UploadRun, { lfn, guid }: Replacement): Promise<boolean> {
  const placed = await parts.grid.stat(lfn);
  return placed !== undefined && hasGuid(placed, guid);
}

/** A server gives what is committed permissions of its own choice. */
async function keepPermissions(
  { parts }: UploadRun,
  as: string,
  { lfn, permissions }: CatalogueEntry,
  tell: (event: CopyEvent) => void,
): Promise<void> {
  const why = await parts.grid.send('chmod', [permissions, as]).then(
    ({ exitCode, error }) => (exitCode === 0 ? undefined : error),
    (error: unknown) => {
      if (!isStowageError(error)) throw error;
      return error.message;
    },
  );
  if (why !== undefined) {
    tell({ kind: 'settled', lfn, how: `it does not get the permissions ${permissions} of before: ${why}` });
  }
}
