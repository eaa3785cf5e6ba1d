/** How weighty something is; the levels of Cedar Backup's log. */
export type PoolLevel = 'debug' | 'info' | 'warning' | 'error';

/** What happened, as a closed set. */
export type PoolDeed =
  | 'begun' // a part of an action begins: a directory, a peer
  | 'done' // an action is done
  | 'told' // something worth knowing
  | 'asked' // this is what was asked for
  | 'output' // what another program said
  | 'skipped' // not its day, or nothing to do
  | 'collected' // an archive was written
  | 'left-out' // an entry is not in the archive, and why
  | 'staged' // a peer is staged whole
  | 'not-ready' // a peer has not collected
  | 'unreachable' // a peer could not be asked
  | 'peer-failed' // a peer could not be staged, or did not do as it was told
  | 'gone' // what was staged before is not at the peer any more
  | 'purged' // a file, link or directory was removed
  | 'kept' // something was kept, and why
  | 'valid' // something that was looked at is as it should be
  | 'invalid' // it is not
  | 'found' // a day and a peer that hold a file
  | 'restored' // a file was brought back
  | 'failed'; // a part of an action could not be done

/** What an action of the pool has to say. `text` is one sentence for people. */
export interface PoolEvent {
  readonly kind: 'pool';
  /** The action: `collect`, `stage`, …, or the name of an extension. */
  readonly action: string;
  readonly level: PoolLevel;
  readonly deed: PoolDeed;
  readonly text: string;
  /**
   * True if for this not all that was asked is done: the run ends with status 1, `cback3` with 6. An error is meant to be one if nothing else is
   * said; a peer that may fail is no failure.
   */
  readonly failed?: boolean;
  readonly peer?: string;
  readonly path?: string;
  /** Where something is that is not staged here any more. */
  readonly place?: string;
  readonly reason?: string;
  readonly files?: number;
  readonly bytes?: number;
  /** `YYYY/MM/DD`. */
  readonly day?: string;
}

/** True if for this not all that was asked is done. */
export function isFailure(event: PoolEvent): boolean {
  return event.failed ?? event.level === 'error';
}
