import { extname } from 'node:path';
import { copyFile } from '../../disc/image-file.ts';
import type { MediumFacts } from '../../disc/look-at-medium.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { linksRefused, publishNew } from '../../durable/publish-file.ts';
import { temporaryName } from '../../durable/temporary-name.ts';
import { fileError, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { parentOf } from '../../model/relative-path.ts';

/** True if a medium holds what somebody may want back. */
export function holdsFiles({ shown }: MediumFacts): boolean {
  return [...shown.values()].some((entry) => entry.type !== 'directory');
}

/** The date in the label of a disc, as `2026-11-16`. */
function dateIn(label: string): string | undefined {
  const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
  const [, day, name, year] = /(\d{2})-([A-Z]{3})-(\d{4})/.exec(label) ?? [];
  const month = months.indexOf(name ?? '') + 1;
  return month === 0 ? undefined : `${year}-${String(month).padStart(2, '0')}-${day}`;
}

/** The name without what `setAside` puts before its ending. */
export function asideNames(target: string): { readonly stem: string; readonly ending: string } {
  const ending = extname(target);
  return { stem: target.slice(0, target.length - ending.length), ending };
}

/**
 * Gives an image that is about to be begun anew a second name beside it, `NAME-2026-11-16.iso` by the day on which it was begun, durably: what it holds stays. Returns the
 * name. Asking again, after a kill, gives the same name.
 */
export async function setAside(files: FileOperations, target: string, { begun }: MediumFacts): Promise<string> {
  const { stem, ending } = asideNames(target);
  const base = `${stem}-${dateIn(begun?.label ?? '') ?? 'earlier'}`;
  try {
    const now = await files.lstat(target);
    for (let number = 1; ; number += 1) {
      const name = `${base}${number === 1 ? '' : `-${number}`}${ending}`;
      const there = await files.lstat(name);
      if (there !== undefined && there.ino === now?.ino && there.dev === now.dev) return name;
      if (there !== undefined) continue;
      await nameToo(files, target, name);
      return name;
    }
  } catch (error) {
    throw fileError(`cannot set '${displayName(target)}' aside`, error);
  }
}

async function nameToo(files: FileOperations, target: string, name: string): Promise<void> {
  try {
    await files.link(target, name);
  } catch (error) {
    if (!linksRefused.includes(systemCode(error) ?? '')) throw error;
    const copy = temporaryName(name);
    try {
      await copyFile(files, target, copy, 0o600, undefined);
      const file = await files.open(copy, 'a');
      await file.sync().finally(() => file.close());
      await publishNew(files, copy, name);
    } catch (failure) {
      await files.unlink(copy).catch(() => undefined);
      throw failure;
    }
    return;
  }
  await files.syncFolder(parentOf(name) || '/');
}

/** Takes the second name away again where the image was not begun anew after all. */
export async function undoAside(files: FileOperations, target: string, name: string): Promise<void> {
  const [now, there] = [await files.lstat(target), await files.lstat(name)];
  if (now === undefined || there === undefined || now.ino !== there.ino || now.dev !== there.dev) return;
  await files.unlink(name);
}
