import { mediumOf } from '../../disc/media.ts';
import { labelBeginning } from '../../disc/media-label.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { PoolRun } from '../pool-run.ts';
import { discOf, type PoolDisc } from './pool-disc.ts';

/** Throws `mismatch` unless the medium was initialized by a pool; one that is written once may be blank. */
export async function requireOurs({ configuration }: PoolRun, disc: PoolDisc): Promise<void> {
  const { label } = await disc.look();
  if (label?.startsWith(labelBeginning)) return;
  if (label === undefined && !mediumOf(discOf(configuration).mediaType).rewritable) return;
  const what = label === undefined ? 'no media label available' : `its label is [${displayName(label)}]`;
  throw new StowageError('mismatch', `Media has not been initialized: ${what}`, {
    hint: 'stowage pool initialize CONFIG, or put in another one',
  });
}
