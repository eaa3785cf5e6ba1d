import { isStowageError, type StowageError } from '../../../errors.ts';
import type { ParallelGrid } from '../../connect.ts';
import type { Access, Replica } from '../../grid-results.ts';
import { whenReachable } from '../when-reachable.ts';
import type { BookedUpload } from './journal-line.ts';

/** How a commit ended, if it did not end well: surely not registered, or nobody knows. */
export interface NotCommitted {
  readonly isUncertain: boolean;
  readonly reason: StowageError;
}

type Booked = BookedUpload['replicas'][number];

/** A commit of which the catalogue shows nothing is sent again so often: of two, the second changes nothing. */
const tries = 8;
/** Registers a replica that is stored, once: where a reply is lost it is looked up. Undefined if it is registered. */
export async function commitReplica(
  grid: ParallelGrid,
  access: Booked,
  lfn: string,
  content: { readonly bytes: number; readonly md5: string },
): Promise<NotCommitted | undefined> {
  let reason: StowageError | undefined;
  for (let tried = 0; tried < tries; tried += 1) {
    try {
      await whenReachable(() => grid.commit(access, lfn, { bytes: content.bytes, md5: content.md5 }));
      return undefined;
    } catch (error) {
      if (!isStowageError(error)) throw error;
      reason = error;
    }
    const held = await replicasOf(grid, lfn).catch(() => undefined);
    if (held !== undefined && isHeld(held, access)) return undefined;
    if (held === undefined || isAnswer(reason)) return { isUncertain: held === undefined, reason };
  }
  // Sent so often and never answered, it may be run yet.
  return { isUncertain: true, reason: reason! };
}

/** True if the server answered, and said no. */
function isAnswer({ facts }: StowageError): boolean {
  return facts.command === 'commit' && typeof facts.text === 'string';
}

/** The replicas that the catalogue has of a name; none if it does not have the name. */
export async function replicasOf(grid: ParallelGrid, lfn: string): Promise<readonly Replica[]> {
  try {
    return await whenReachable(() => grid.whereis(lfn));
  } catch (error) {
    if (isStowageError(error, 'missing')) return [];
    throw error;
  }
}

/** True if this very replica is registered. */
export function isHeld(replicas: readonly Replica[], { se, guid }: Pick<Access, 'se' | 'guid'>): boolean {
  return replicas.some(
    (one) => one.se.toLowerCase() === se.toLowerCase() && one.pfn.toLowerCase().includes(guid.toLowerCase()),
  );
}
