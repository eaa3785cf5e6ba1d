import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { SmallProject } from './small-project.ts';

/** Waits until something is so, looking often; throws after two minutes, which a busy machine may need. What goes while it is being looked at is not so yet. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 120_000; !isSoNow(isSo); await setTimeout(2)) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
  }
}

function isSoNow(isSo: () => boolean): boolean {
  try {
    return isSo();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** True while the store has the beginning of an archive of this name, which is being written. */
export function isWriting(small: SmallProject, name: string): boolean {
  const folder = join(small.vault, '.stowage/tmp');
  return existsSync(folder) && readdirSync(folder).some((token) => token.includes(name));
}
