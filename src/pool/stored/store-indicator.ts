import { fileError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { indicators, indicatorTime, writeIndicator } from '../indicators.ts';
import { ownerOf } from '../owner.ts';
import type { PoolRun } from '../pool-run.ts';

/**
 * Marks days as stored: `cback.store`, dated like the `cback.stage` that was seen before each was looked at (by its directory), so that whatever is staged later
 * is newer. To be called when that was checked. Throws `changed` for a day that was staged again meanwhile: it is not stored as a whole.
 */
export async function writeStoreIndicator(run: PoolRun, days: ReadonlyMap<string, bigint>): Promise<void> {
  const owner = await ownerOf(run.configuration.options);
  for (const [folder, stagedNs] of days) {
    if ((await indicatorTime(run.files, folder, indicators.stage)) !== stagedNs) {
      throw new StowageError('changed', `more came into '${displayName(folder)}' while it was stored`, {
        hint: 'run the same command again: it appends what came',
      });
    }
    await writeIndicator(run.files, folder, indicators.store, owner);
    const path = `${folder}/${indicators.store}`;
    try {
      // Times are set to the microsecond: the next one.
      await run.files.setAttributes(path, { mtimeNs: ((stagedNs + 999n) / 1000n) * 1000n });
    } catch (error) {
      throw fileError(`cannot date '${displayName(path)}'`, error);
    }
  }
}
