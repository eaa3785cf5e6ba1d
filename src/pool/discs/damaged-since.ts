import { isStowageError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { PoolEvent } from '../pool-event.ts';
import { digestOf } from '../staging/present.ts';
import type { StagedDay } from '../stored/staged-day.ts';

/** If what is on the disc is not what was staged, says which staged file was damaged before it was written. */
export async function* explained<T>(
  days: readonly StagedDay[],
  writing: AsyncGenerator<PoolEvent, T>,
): AsyncGenerator<PoolEvent, T> {
  try {
    return yield* writing;
  } catch (cause) {
    if (!isStowageError(cause, 'corrupt')) throw cause;
    for (const { folder, members } of days) {
      for (const { path, sha256 } of members.values()) {
        const now = sha256 === undefined ? undefined : await digestOf(`${folder}/${path}`).catch(() => undefined);
        if (now === undefined || now === sha256) continue;
        throw new StowageError(
          'corrupt',
          `'${displayName(`${folder}/${path}`)}' is not what was staged: it was damaged since`,
          {
            hint: 'move it aside, and stage that day again if it is today; or store the rest without it',
            cause,
          },
        );
      }
    }
    throw cause;
  }
}
