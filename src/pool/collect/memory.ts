import { readdir } from 'node:fs/promises';
import type { FileOperations } from '../../durable/file-operations.ts';
import { fileError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { isStaged } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';
import { hasReceipt } from './collected-list.ts';

/**
 * What remembers what was collected, below the state folder. A memory begins as NAME.pending.jsonl; when the collect that it belongs to is whole it is
 * NAME.sealed.jsonl; when that is known to be staged, NAME.staged.jsonl, which is what the next run goes by.
 */
const folders = ['collect', 'subversion', 'mbox'] as const;

type Place = Pick<PoolRun, 'files' | 'stateDir'>;

/**
 * What was collected last counts from now on if it is known to be safe, and is forgotten if not: then it is collected again. To be called before the
 * indicators go. Durable; again does nothing.
 */
export async function settleSealed(run: PoolRun, collectDir: string): Promise<void> {
  const safe = await isSafe(run, collectDir);
  for (const folder of folders) await each(run, folder, 'sealed', safe ? 'staged' : undefined);
}

/** True if what was collected last need not be collected again: it is known to be staged, or, where that is required, a receipt says that it is stored. */
export async function isSafe(run: PoolRun, collectDir: string): Promise<boolean> {
  if (run.configuration.collect?.requireReceipt !== true) return isStaged(run.files, collectDir);
  return (await hasReceipt(run, collectDir)) === true;
}

/** Forgets what a collect remembered that did not become whole. */
export async function forgetPending(run: Place): Promise<void> {
  await each(run, 'collect', 'pending', undefined);
}

/** All that was remembered belongs to the collect that is whole now. To be called before its indicator is written. */
export async function sealPending(run: Place): Promise<void> {
  for (const folder of folders) await each(run, folder, 'pending', 'sealed');
}

async function each({ files, stateDir }: Place, name: string, from: string, to: string | undefined): Promise<void> {
  const folder = `${stateDir}/${name}`;
  try {
    const ending = `.${from}.jsonl`;
    const names = (await readdir(fsPath(folder), 'buffer')).map((bytes) => nameFromBytes(bytes));
    const found = names.filter((one) => one.endsWith(ending));
    for (const one of found) await settle(files, `${folder}/${one}`, ending, to);
    if (found.length > 0) await files.syncFolder(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw fileError(`cannot settle what was collected in '${displayName(folder)}'`, error);
  }
}

async function settle(files: FileOperations, path: string, ending: string, to: string | undefined): Promise<void> {
  if (to === undefined) await files.unlink(path);
  else await files.rename(path, `${path.slice(0, -ending.length)}.${to}.jsonl`);
}
