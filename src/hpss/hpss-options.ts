import { StowageError } from '../errors.ts';

/** How a site's HPSS is reached, and how patient we are. Everything has a default. */
export interface HpssOptions {
  /** The directory whose `bin` holds `hsi` and `htar`; `$HPSS_DIR` if not given. */
  readonly hpssDir?: string;
  /** Where temporary files go; `$TMPDIR`, else `/tmp`. */
  readonly tmpdir?: string;
  /** What `hsi -s` names. `archive` if not given, as HPSSPy has it; empty: no `-s`. */
  readonly site?: string;
  /** What `hsi -A` names: combo, kerberos, keytab, gsi or local. */
  readonly authentication?: string;
  /** What `hsi -G` names. */
  readonly gateway?: string;
  /** Begins each session with `firewall -on`. */
  readonly firewall?: boolean;
  /** The zone of the times in listings, as `America/Los_Angeles`; UTC if not given. Never the zone of this process. */
  readonly zone?: string;
  /** How many sessions at once: 4 if not given; from 2, since a replacement reads the old archive while it writes, to 15, which is what centres allow a user. */
  readonly sessions?: number;
  /** How long one session without a transfer may take: 3600 if not given. */
  readonly timeoutSeconds?: number;
  /** How long one transfer may take: 172,800 if not given. */
  readonly transferTimeoutSeconds?: number;
  /** How often what may pass is tried again: 3 times if not given. */
  readonly retries?: number;
  /** How long to wait before the first new try: 2 if not given; each further wait is four times as long. */
  readonly retryWaitSeconds?: number;
  /** How long to wait in all for a system that is down: 3600 if not given, 0 to fail at once. */
  readonly downWaitSeconds?: number;
  /** Told before each wait. */
  readonly onWait?: (wait: HpssWait) => void;
  readonly signal?: AbortSignal;
}

/** Why and how long we wait before HPSS is asked again. */
export interface HpssWait {
  readonly reason: string;
  readonly seconds: number;
}

const mostSessions = 15;

/** The number of sessions at once. Throws `configuration` for one that no centre allows. */
export function sessionsOf({ sessions = 4 }: HpssOptions): number {
  if (Number.isInteger(sessions) && sessions >= 2 && sessions <= mostSessions) return sessions;
  throw new StowageError('configuration', `${sessions} HPSS sessions at once: it must be a number from 2 to 15`);
}

/** The options of hsi that say which system is meant. */
export function siteArguments({ site = 'archive', authentication, gateway }: HpssOptions): readonly string[] {
  return [
    ...(site === '' ? [] : ['-s', site]),
    ...(authentication === undefined ? [] : ['-A', authentication]),
    ...(gateway === undefined ? [] : ['-G', gateway]),
  ];
}
