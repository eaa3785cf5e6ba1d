import { realFiles } from '../durable/real-files.ts';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { Problem } from '../rules/problem.ts';
import { executeCollect } from './collect/collect.ts';
import { inspectPool } from './open-pool.ts';
import type { PoolEvent } from './pool-event.ts';
import { defaultStateDir, type PoolRun } from './pool-run.ts';
import { executeStage, type StageOptions } from './staging/execute-stage.ts';

/** What `stowage pool` was called with. */
export interface PoolCall {
  readonly full?: boolean;
  readonly state?: string | undefined;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** For the action stage. */
  readonly stage?: StageOptions;
}

export type PoolReport = PoolEvent | { readonly kind: 'problem'; readonly problem: Problem };

type Action = (run: PoolRun, call: PoolCall) => AsyncGenerator<PoolEvent>;

const actions: Readonly<Record<string, Action>> = {
  collect: executeCollect,
  stage: (run, { stage = {} }) => executeStage(run, stage),
};

/** The actions that there are. */
export const actionNames: readonly string[] = Object.keys(actions);

/** Does one action of a pool. Throws `configuration` for a file that cannot be used, once its problems are told. */
export async function* poolAction(name: string, config: string, call: PoolCall): AsyncGenerator<PoolReport> {
  const { configuration, problems } = await inspectPool(config);
  for (const problem of problems) yield { kind: 'problem', problem };
  if (configuration === undefined) {
    throw new StowageError('configuration', `'${displayName(config)}' cannot be used`, {
      hint: `stowage pool check '${config}' says what is wrong`,
    });
  }
  const run: PoolRun = {
    configuration,
    full: call.full ?? false,
    clock: call.clock ?? systemClock,
    files: realFiles,
    stateDir: call.state ?? defaultStateDir(configuration),
    ...(call.signal && { signal: call.signal }),
  };
  yield* actions[name]!(run, call);
}
