import { isStowageError, StowageError } from '../errors.ts';
import { archivesPlace } from './archives/open-archives.ts';
import { type VerifyArchivesOptions, verifyArchives } from './archives/verify-archives.ts';
import { storeOf } from './discs/pool-disc.ts';
import { type VerifyDiscOptions, verifyDisc } from './discs/verify-disc.ts';
import type { PoolEvent } from './pool-event.ts';
import type { PoolRun } from './pool-run.ts';

/**
 * Looks whether what was stored is as it was stored: what is in stores, then the disc, if days go to one. A medium that is named is looked at alone. Throws `missing` if nothing is recorded.
 */
export async function* verifyStored(
  run: PoolRun,
  options: VerifyDiscOptions & VerifyArchivesOptions,
): AsyncGenerator<PoolEvent> {
  const isDisc = options.medium !== undefined || options.allSessions === true;
  if (isDisc) return yield* verifyDisc(run, options);
  const days = yield* verifyArchives(run, options);
  const { disc } = storeOf(run.configuration);
  if (disc === undefined) {
    if (days > 0) return;
    throw new StowageError('missing', 'nothing is recorded that was stored', {
      hint:
        archivesPlace(run) === undefined
          ? 'stowage pool store CONFIG stores what is staged'
          : 'stowage pool relearn CONFIG learns from the store what it holds',
    });
  }
  try {
    yield* verifyDisc(run, options);
  } catch (error) {
    // What is in stores was looked at; a disc that is changed each week need not be one that is known.
    if (days === 0 || !isStowageError(error, 'missing')) throw error;
    yield { kind: 'pool', action: 'verify', level: 'warning', deed: 'told', text: `The disc: ${error.message}.` };
  }
}
