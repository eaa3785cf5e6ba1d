import { readdir } from 'node:fs/promises';
import { fileError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { PoolRun } from '../pool-run.ts';

/** What was collected last becomes the baseline if it is known to be staged, and is forgotten if not: then it is collected again. Durable; again does nothing. */
export async function settlePending(
  { files, stateDir }: Pick<PoolRun, 'files' | 'stateDir'>,
  staged: boolean,
): Promise<void> {
  const folder = `${stateDir}/collect`;
  try {
    for (const name of await readdir(fsPath(folder), 'buffer')) {
      const path = `${folder}/${nameFromBytes(name)}`;
      if (!path.endsWith('.pending.jsonl')) continue;
      if (staged) await files.rename(path, path.replace(/\.pending\.jsonl$/, '.staged.jsonl'));
      else await files.unlink(path);
    }
    await files.syncFolder(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw fileError(`cannot settle what was collected in '${displayName(folder)}'`, error);
  }
}
