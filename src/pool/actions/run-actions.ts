import { StowageError } from '../../errors.ts';
import { executeCollect } from '../collect/collect.ts';
import { executeInitialize } from '../discs/execute-initialize.ts';
import { executeRebuild } from '../discs/execute-rebuild.ts';
import { executeStore, type StoreOptions } from '../discs/execute-store.ts';
import { extensionOf } from '../extensions/extension-actions.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { executePurge } from '../purge/purge.ts';
import { executeStage, type StageOptions } from '../staging/execute-stage.ts';
import { sendReceipts } from '../stored/send-receipts.ts';
import { executeValidate } from '../validate.ts';
import { runHooks } from './hooks.ts';
import type { PlannedAction } from './planned-actions.ts';
import { runManaged } from './run-managed.ts';

/** What single actions are told besides. */
export interface ActionOptions {
  readonly stage?: StageOptions;
  readonly store?: StoreOptions;
}

export type Action = (run: PoolRun, options: ActionOptions) => AsyncGenerator<PoolEvent>;

const actions: Readonly<Record<string, Action>> = {
  collect: executeCollect,
  stage: (run, { stage = {} }) => executeStage(run, stage),
  store: (run, { store = {} }) => executeStore(run, store),
  rebuild: (run, { store = {} }) => executeRebuild(run, store),
  initialize: executeInitialize,
  purge: executePurge,
  validate: executeValidate,
  receipt: sendReceipts,
};

/** The action of a step. Throws `configuration` for one that is not in this version. */
export function actionOf({ name, module }: PlannedAction): Action {
  if (module !== undefined) return extensionOf(module);
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  throw new StowageError('configuration', `the action '${name}' is not in this version of Stowage`);
}

/** True for what stores days. */
function isStoring({ name, module }: PlannedAction): boolean {
  return module === undefined ? name === 'store' || name === 'rebuild' : module.endsWith('.amazons3');
}

async function* noAction(): AsyncGenerator<PoolEvent> {}

/**
 * Does the steps of a run, one after the other, each with its hooks. An error ends the run: what comes after it is not done. Throws `configuration` at
 * once, and not while it runs, for an action or extension that is not in this version.
 */
export function runActions(
  run: PoolRun,
  steps: readonly PlannedAction[],
  options: ActionOptions = {},
): AsyncGenerator<PoolEvent> {
  // One that is not even asked for, too: nobody should find out on the day when it is.
  for (const { module } of run.configuration.extensions?.actions ?? []) extensionOf(module);
  return doAll(
    run,
    // What the managed peers do, they know.
    steps.map((step) => ({ step, action: step.where === 'managed' ? noAction : actionOf(step) })),
    options,
  );
}

async function* doAll(
  run: PoolRun,
  all: readonly { readonly step: PlannedAction; readonly action: Action }[],
  options: ActionOptions,
): AsyncGenerator<PoolEvent> {
  for (const { step, action } of all) {
    if (step.where === 'managed') {
      yield* runManaged(run, step.name);
      continue;
    }
    yield* runHooks(run, step.name, 'before');
    let failed = false;
    for await (const event of action(run, options)) {
      failed ||= event.deed === 'failed';
      yield event;
    }
    if (!failed && isStoring(step)) yield* sendReceipts(run);
    // That one peer is not ready is no failure of the action; that something could not be collected is.
    if (!failed) yield* runHooks(run, step.name, 'after');
  }
}
