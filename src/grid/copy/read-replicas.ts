import { isStowageError, StowageError } from '../../errors.ts';
import type { Session } from '../xrootd/session.ts';
import type { EntryStat } from '../xrootd/stat.ts';
import { readUrl } from '../xrootd/transfers.ts';
import { noReplicaLeft, type ReplicaSet, type ReplicaToRead } from './replica-set.ts';
import { atLeast, type LowestRate } from './slow-watch.ts';

/** What is read of a file. */
export interface WantedBytes {
  /** For messages. */
  readonly lfn: string;
  /** How many bytes the whole file has. A replica with more or fewer is not of this file. Undefined where nobody says. */
  readonly fileBytes?: number;
  readonly offset?: number;
  /** To the end if nothing is said. */
  readonly bytes?: number;
}

/** How files are read from replicas. */
export interface ReadingOptions {
  readonly signal?: AbortSignal;
  readonly chunkBytes?: number;
  readonly chunks?: number;
  /** Sockets for the data of one file. */
  readonly streams?: number;
  /** With a checksum of each page, as `readUrl` has it. */
  readonly pages?: boolean;
  readonly lowestRate?: LowestRate;
  /** Is told of each replica of which bytes come. */
  readonly gives?: (replica: ReplicaToRead) => void;
}

/**
 * The bytes in order, from the first replica of the set that gives them. One that fails is dropped from the set, and the next goes on where it stopped: whether the parts belong together is
 * for who takes them to see. Ends short only by throwing: what `noReplicaLeft` says, or `interrupted`.
 */
export async function* readReplicas(
  xrootd: Session,
  set: ReplicaSet,
  wanted: WantedBytes,
  options: ReadingOptions = {},
): AsyncGenerator<Buffer> {
  const { signal, lowestRate, gives } = options;
  let at = wanted.offset ?? 0;
  let { fileBytes } = wanted;
  for (;;) {
    const [replica, ...others] = set.left();
    if (replica === undefined) throw noReplicaLeft(wanted.lfn, set.failures());
    try {
      const opened = ({ stat }: { readonly stat: EntryStat }): void => {
        refuseSize(stat, fileBytes);
        fileBytes ??= stat.bytes;
      };
      const end = endOf(wanted, fileBytes);
      const from = at;
      const open = (stop?: AbortSignal) =>
        readUrl(patient(xrootd, others.length === 0), replica.url, {
          ...options,
          ...joined(signal, stop),
          offset: from,
          ...(end === undefined ? {} : { bytes: end - from }),
          opened,
        });
      for await (const chunk of lowestRate === undefined ? open() : atLeast(open, lowestRate)) {
        gives?.(replica);
        at += chunk.length;
        yield chunk;
      }
      if (at < endOf(wanted, fileBytes)!) throw new StowageError('corrupt', `it ended after ${at} bytes`);
      // Of an empty file there is nothing that would have told.
      gives?.(replica);
      return;
    } catch (error) {
      set.drop(replica, faultOfReplica(error, signal));
    }
  }
}

/** The error as one of a replica; what is not, as a disk here that is full, is thrown on. */
export function faultOfReplica(error: unknown, signal: AbortSignal | undefined): StowageError {
  if (!isStowageError(error) || error.facts.isHere === true || signal?.aborted === true) throw error;
  if (error.code === 'interrupted' || error.code === 'bug') throw error;
  return error;
}

/** Refuses a replica whose size is not that of the file. */
export function refuseSize({ bytes }: Pick<EntryStat, 'bytes'>, fileBytes: number | undefined): void {
  if (fileBytes === undefined || bytes === fileBytes) return;
  throw new StowageError('corrupt', `it has ${bytes} bytes, and the file has ${fileBytes}`, {
    facts: { bytes, fileBytes },
  });
}

function endOf({ offset = 0, bytes }: WantedBytes, fileBytes: number | undefined): number | undefined {
  const end = bytes === undefined ? undefined : offset + bytes;
  return fileBytes === undefined ? end : Math.min(fileBytes, end ?? fileBytes);
}

function joined(...signals: readonly (AbortSignal | undefined)[]): { readonly signal?: AbortSignal } {
  const given = signals.filter((one) => one !== undefined);
  return given.length === 0 ? {} : { signal: given.length === 1 ? given[0]! : AbortSignal.any(given) };
}

/** Where another replica is left, a lost connection is no reason to wait for the server to come back. */
function patient(xrootd: Session, isLast: boolean): Session {
  return isLast ? xrootd : { ...xrootd, limits: { ...xrootd.limits, retries: 0 } };
}
