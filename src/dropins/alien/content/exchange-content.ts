import { randomBytes } from 'node:crypto';
import { isStowageError, StowageError } from '../../../errors.ts';
import type { CopyEvent } from '../../../grid/copy/copy-event.ts';
import type { CopyParts } from '../../../grid/copy/copy-parts.ts';
import { uploadFile } from '../../../grid/copy/upload-file.ts';
import type { CatalogueEntry } from '../../../grid/grid-commands.ts';
import { baseOfLfn, directoryOfLfn } from '../../../grid/lfn.ts';

/** New content for an LFN that is there. */
export interface Exchange {
  /** Absolute. */
  readonly lfn: string;
  /** What lay there when the new content was begun. */
  readonly before: CatalogueEntry;
  /** The file of this machine. */
  readonly local: string;
  readonly where: readonly string[];
  /** Which name the old content gets; what has that name is removed in the end. */
  readonly backup: string;
}

/**
 * Puts new content under an LFN, and the old one under its backup's name. The new one is stored, committed and seen under a name of its own before anything else is touched; then both change their names, one
 * after the other, and whatever fails, nothing is removed and the old one is put back. Rejects with `changed` if somebody else gave the LFN another content meanwhile. Gives the storage elements.
 */
export async function exchangeContent(
  parts: CopyParts,
  exchange: Exchange,
  signal: AbortSignal | undefined,
  tell: (text: string) => void,
): Promise<readonly string[]> {
  const { grid } = parts;
  const { lfn, before, backup } = exchange;
  const stem = `${directoryOfLfn(lfn)}.${plainBase(lfn)}.${randomBytes(6).toString('hex')}`;
  const [passing, aside] = [`${stem}.stowage-edit`, `${stem}.stowage-old`];
  const elements = await stored(parts, exchange, passing, signal, tell);
  try {
    const made = await grid.stat(passing);
    if (made === undefined || made.type !== 'file') throw lost(`what was stored is not at ${passing}`);
    if (made.permissions !== before.permissions) await keepPermissions(parts, passing, before, tell);
    await refuseChanged(parts, exchange);
    const older = await grid.stat(backup);
    if (older?.type === 'directory') {
      throw new StowageError('exists', `${backup}, where the old content should go, is a directory`);
    }
    if (older !== undefined) await grid.mv(backup, aside);
    await changeNames(parts, exchange, passing, made);
    if (older !== undefined) {
      await grid.rm([aside]).catch((error: unknown) => tell(`the older backup stays, as ${aside}: ${text(error)}`));
    }
    return elements;
  } catch (error) {
    await tidy(parts, exchange, passing, tell);
    await putBack(parts, aside, backup, tell);
    throw error;
  }
}

async function stored(
  parts: CopyParts,
  { local, where }: Exchange,
  passing: string,
  signal: AbortSignal | undefined,
  tell: (text: string) => void,
): Promise<readonly string[]> {
  let ended: CopyEvent | undefined;
  const hear = (event: CopyEvent): void => {
    if (event.kind === 'replica failed') tell(`${event.se}: ${event.reason.message}`);
    if (event.kind === 'copied' || event.kind === 'failed') ended = event;
  };
  const job = { kind: 'upload', local, lfn: passing, where } as const;
  await uploadFile(parts, job, signal === undefined ? {} : { signal }, hear);
  if (ended?.kind === 'copied') return ended.elements;
  throw ended?.kind === 'failed' ? ended.reason : new StowageError('interrupted', 'interrupted before it was stored');
}

/** The old one to its backup's name, then the new one to the name; no other order is possible, for no server replaces a name. */
async function changeNames(
  { grid }: CopyParts,
  { lfn, before, backup }: Exchange,
  passing: string,
  made: CatalogueEntry,
): Promise<void> {
  try {
    await grid.mv(lfn, backup);
    const old = await grid.stat(backup);
    if (old === undefined || !isSame(old, before)) throw changedMeanwhile(lfn);
    await grid.mv(passing, lfn);
    const now = await grid.stat(lfn);
    if (now !== undefined && isSame(now, made)) return;
    // A server moves beside what comes to a name that is taken.
    const beside = `${lfn}_backup`;
    const found = await grid.stat(beside);
    if (found !== undefined && isSame(found, made)) await grid.mv(beside, passing);
    throw changedMeanwhile(lfn, ` (what lay there before is at ${backup})`);
  } catch (error) {
    if ((await grid.stat(lfn).catch(() => 'unknown')) === undefined) await backToItsName(grid, backup, lfn, error);
    throw error;
  }
}

async function backToItsName(grid: CopyParts['grid'], backup: string, lfn: string, error: unknown): Promise<void> {
  await grid.mv(backup, lfn).catch((cause: unknown) => {
    throw new StowageError('unavailable', `${text(error)}; the old content is at ${backup}: ${text(cause)}`, {
      hint: `alien.py mv ${backup} ${lfn}`,
      cause,
    });
  });
}

/** Removes the new content, which did not take its place; but never while nothing is seen at the name. */
async function tidy(
  { grid }: CopyParts,
  { lfn, backup }: Exchange,
  passing: string,
  tell: (text: string) => void,
): Promise<void> {
  try {
    if ((await grid.stat(lfn)) !== undefined) {
      if ((await grid.stat(passing)) !== undefined) await grid.rm([passing]);
      return;
    }
  } catch {
    // Told below.
  }
  tell(`look for the old content at ${lfn} or ${backup}, for the new one at ${passing}`);
}

async function refuseChanged({ grid }: CopyParts, { lfn, before }: Exchange): Promise<void> {
  const now = await grid.stat(lfn);
  if (now === undefined || !isSame(now, before)) throw changedMeanwhile(lfn);
}

/** By GUID; what has none (an empty file) by size, MD5 and time. */
function isSame(one: CatalogueEntry, other: CatalogueEntry): boolean {
  if ((one.guid ?? '') !== (other.guid ?? '')) return false;
  if ((one.guid ?? '') === '' && one.changed.getTime() !== other.changed.getTime()) return false;
  return one.type === other.type && one.bytes === other.bytes && one.md5 === other.md5;
}

/** A server gives what is committed permissions of its own choice. */
async function keepPermissions(
  { grid }: CopyParts,
  lfn: string,
  { permissions }: CatalogueEntry,
  tell: (text: string) => void,
): Promise<void> {
  const { exitCode, error } = await grid.send('chmod', [permissions, lfn]);
  if (exitCode !== 0) tell(`it does not get the permissions ${permissions} of before: ${error}`);
}

async function putBack({ grid }: CopyParts, aside: string, backup: string, tell: (text: string) => void) {
  try {
    if ((await grid.stat(aside)) === undefined) return;
    if ((await grid.stat(backup)) === undefined) return await grid.mv(aside, backup);
  } catch {
    // Told below.
  }
  tell(`the older backup is at ${aside}`);
}

function plainBase(lfn: string): string {
  return baseOfLfn(lfn)
    .replace(/[^\w.-]/g, '_')
    .slice(0, 100);
}

function changedMeanwhile(lfn: string, more = ''): StowageError {
  return new StowageError(
    'changed',
    `${lfn} has got another content meanwhile, or is gone; it stays as it is now${more}`,
  );
}

function lost(what: string): StowageError {
  return new StowageError('unavailable', what);
}

function text(error: unknown): string {
  return isStowageError(error) ? error.message : String(error);
}
