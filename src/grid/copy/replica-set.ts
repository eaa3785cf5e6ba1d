import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

/** A place that a file can be read from. The URL has the permission in it, and is secret. */
export interface ReplicaToRead {
  readonly se: string;
  readonly url: string;
}

/** A replica that is of no use, and why. */
export interface ReplicaFailure {
  readonly se: string;
  readonly reason: StowageError;
}

/** The replicas of one file that are worth asking, in the order in which to ask. */
export interface ReplicaSet {
  left(): readonly ReplicaToRead[];
  /** Takes out one that failed or lied. */
  drop(replica: ReplicaToRead, reason: StowageError): void;
  failures(): readonly ReplicaFailure[];
}

/** A set of these replicas; `dropped` is told of each that is taken out. */
export function replicaSet(
  replicas: readonly ReplicaToRead[],
  dropped: (failure: ReplicaFailure) => void = () => undefined,
): ReplicaSet {
  let left = replicas;
  const failures: ReplicaFailure[] = [];
  return {
    left: () => left,
    drop(replica, reason) {
      if (!left.includes(replica)) return;
      left = left.filter((one) => one !== replica);
      failures.push({ se: replica.se, reason });
      dropped({ se: replica.se, reason });
    },
    failures: () => failures,
  };
}

/** The same set, of which only this replica is asked; what is dropped is dropped from both. */
export function onlyReplica(set: ReplicaSet, replica: ReplicaToRead): ReplicaSet {
  return { ...set, left: () => set.left().filter((one) => one === replica) };
}

/** Why nothing is left to be asked: each replica with its reason. The code is the one that all agree on. */
export function noReplicaLeft(lfn: string, failures: readonly ReplicaFailure[]): StowageError {
  const name = displayName(lfn);
  if (failures.length === 0) {
    return new StowageError('missing', `'${name}' has no replica that can be read`, { facts: { noReplicaLeft: true } });
  }
  const codes = new Set(failures.map(({ reason }) => reason.code));
  const [only] = codes;
  const reasons = failures.map(({ se, reason }) => `${se}: ${reason.message}`).join('; ');
  return new StowageError(codes.size === 1 ? only! : 'unavailable', `no good replica of '${name}': ${reasons}`, {
    facts: {
      noReplicaLeft: true,
      elements: failures.map(({ se }) => se),
      errno: failures.at(-1)!.reason.facts.errno,
    },
    cause: failures.at(-1)!.reason,
  });
}

/** True where every replica was tried in vain, and not the machine here at fault. */
export function isNoReplicaLeft(error: unknown): error is StowageError {
  return error instanceof StowageError && error.facts.noReplicaLeft === true;
}
