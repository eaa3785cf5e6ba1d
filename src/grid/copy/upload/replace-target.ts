import { randomBytes } from 'node:crypto';
import { isStowageError, StowageError } from '../../../errors.ts';
import type { CatalogueEntry } from '../../grid-commands.ts';
import { baseOfLfn, directoryOfLfn } from '../../lfn.ts';
import type { CopyEvent } from '../copy-event.ts';
import type { Replacement } from './journal-line.ts';
import { dropOld, isIt, settleMoving } from './settle-left.ts';
import type { UploadRun } from './upload-run.ts';

/** The names that two contents have while they change places: hidden, beside the target, and of no pattern. */
export function passingNames(lfn: string): { readonly as: string; readonly backup: string } {
  const base = baseOfLfn(lfn)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 100);
  const stem = `${directoryOfLfn(lfn)}.${base}.${randomBytes(6).toString('hex')}`;
  return { as: `${stem}.stowage-new`, backup: `${stem}.stowage-old` };
}

/**
 * Puts what is stored and committed under another name in the place of the old content, which goes only then. Each step is such that a next run can end it. Answers false
 * where all is well and something is left to do.
 */
export async function replaceTarget(
  run: UploadRun,
  id: number,
  names: Pick<Replacement, 'lfn' | 'as' | 'backup'>,
  old: CatalogueEntry,
  content: { readonly bytes: number; readonly md5: string },
  tell: (event: CopyEvent) => void,
): Promise<boolean> {
  const { grid } = run.parts;
  const { lfn, as, backup } = names;
  const fresh = await grid.stat(as);
  const guid = fresh?.guid;
  if (guid === undefined || fresh?.bytes !== content.bytes || fresh.md5 !== content.md5) {
    throw new StowageError('corrupt', `the catalogue does not have ${as} as it was committed; ${lfn} is as it was`);
  }
  const change: Replacement = { ...names, guid, oldGuid: old.guid };
  const now = await grid.stat(lfn);
  if (now === undefined || now.guid !== old.guid || now.bytes !== old.bytes || now.md5 !== old.md5) {
    await grid.rm([as]);
    throw new StowageError('changed', `${lfn} was changed by somebody else meanwhile, and is left as it is`);
  }
  await run.journal?.moving(id, change);
  try {
    await grid.mv(lfn, backup);
    await grid.mv(as, lfn);
  } catch (error) {
    // Forward or back, whichever can be; where neither can, the next run does it.
    await settleMoving(run.parts, change, tell);
    if (!(await isPlaced(run, change))) throw error;
    return true;
  }
  try {
    const left = await dropOld(run.parts, change);
    if (left === undefined) return true;
    throw new StowageError('changed', `${lfn} was replaced, and ${left}`, {
      hint: `look at what is in ${directoryOfLfn(lfn)}; nothing was removed`,
    });
  } catch (error) {
    if (!isStowageError(error) || error.code === 'changed') throw error;
    const how = `it is replaced; its old content is still there as ${backup}: ${error.message}`;
    tell({ kind: 'settled', lfn, how });
    return false;
  }
}

async function isPlaced({ parts }: UploadRun, { lfn, guid }: Replacement): Promise<boolean> {
  const placed = await parts.grid.stat(lfn);
  return placed !== undefined && isIt(placed, guid);
}
