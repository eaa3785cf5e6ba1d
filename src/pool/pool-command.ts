import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { EvidenceLevel } from '../model/evidence.ts';
import { plannedActions } from './actions/planned-actions.ts';
import { runActions } from './actions/run-actions.ts';
import type { OpenDayArchives } from './archives/day-archives.ts';
import { executeRelearn } from './archives/relearn.ts';
import { checkPool, importPool } from './check-pool.ts';
import type { StoreOptions } from './discs/execute-store.ts';
import { inspectPool } from './open-pool.ts';
import type { PoolReport } from './pool-report.ts';
import { poolRun } from './pool-run.ts';
import { listStaged } from './search/list-staged.ts';
import { restoreStaged } from './search/restore-staged.ts';
import type { Where } from './search/staged-days.ts';
import type { StageOptions } from './staging/execute-stage.ts';
import { verifyStored } from './verify-stored.ts';

/** What `stowage pool` was called with. */
export interface PoolCall {
  readonly full?: boolean;
  readonly managed?: boolean;
  readonly managedOnly?: boolean;
  /** For check: tries the peers too. */
  readonly contact?: boolean;
  readonly state?: string | undefined;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** How the store of the section store is opened. */
  readonly openArchives?: OpenDayArchives;
  /** For the action stage. */
  readonly stage?: StageOptions;
  /** For the actions store and rebuild. */
  readonly store?: StoreOptions;
  /** For verify: every byte of every session. */
  readonly allSessions?: boolean;
  /** For verify: how closely archives in a store are looked at. */
  readonly level?: EvidenceLevel;
  /** Told what a store has to say meanwhile. */
  readonly tell?: (text: string) => void;
  /** For list and restore: what is looked for, and on which day of which peer. */
  readonly names?: readonly string[];
  readonly where?: Where;
  /** For restore: an absolute path; the current directory if not given. */
  readonly to?: string;
}

/** Does one action of a pool. Throws `configuration` for a file that cannot be used, once its problems are told. */
export async function* poolAction(name: string, config: string, call: PoolCall): AsyncGenerator<PoolReport> {
  if (name === 'check') return yield* checkPool(config, call.contact ?? false, call);
  if (name === 'import') return yield* importPool(config);
  const { configuration, problems } = await inspectPool(config);
  for (const problem of problems) yield { kind: 'problem', problem };
  if (configuration === undefined) {
    throw new StowageError('configuration', `'${displayName(config)}' cannot be used`, {
      hint: `stowage pool check '${config}' says what is wrong`,
    });
  }
  const { clock = systemClock, state, signal, openArchives, tell } = call;
  const changes = {
    clock,
    ...(state && { stateDir: state }),
    ...(signal && { signal }),
    ...(openArchives && { openArchives }),
    ...(tell && { tell }),
  };
  if (['list', 'restore', 'verify', 'relearn'].includes(name)) {
    const { names = [], where = {}, to = process.cwd() } = call;
    const run = poolRun(configuration, changes);
    const { level } = call;
    if (name === 'verify')
      yield* verifyStored(run, { ...where, allSessions: call.allSessions ?? false, ...(level && { level }) });
    else if (name === 'relearn') yield* executeRelearn(run);
    else if (name === 'list') yield* listStaged(run, names, where);
    else yield* restoreStaged(run, names, { ...where, to });
    return;
  }
  const { managed = false, managedOnly = false } = call;
  const steps = plannedActions(configuration, [name], { here: !managedOnly, managed: managed || managedOnly });
  const run = poolRun(configuration, { ...changes, full: call.full ?? false });
  yield* runActions(run, steps, call);
}
