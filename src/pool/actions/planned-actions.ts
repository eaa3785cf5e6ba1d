import { StowageError } from '../../errors.ts';
import type { PoolConfiguration } from '../configuration/pool-configuration.ts';

/** One step of a run: an action here, or the same on the managed peers. */
export interface PlannedAction {
  readonly name: string;
  readonly where: 'here' | 'managed';
  /** The module that does it, if it is an extension. */
  readonly module: string | undefined;
}

/** Who does the actions: this machine, or the managed peers, or both. */
export interface Whereabouts {
  readonly here: boolean;
  readonly managed: boolean;
}

const numbered: Readonly<Record<string, number>> = { collect: 100, stage: 200, store: 300, purge: 400 };
/** What is never done together with anything else. */
const alone: readonly string[] = ['all', 'rebuild', 'validate', 'initialize'];
/** What Cedar Backup does not have: an extension may have the name, and then it is meant. */
const ours: readonly string[] = ['receipt'];

/**
 * The steps for the actions that were asked for, in the order in which they are done, whatever the order in which they were asked for: by number, or by
 * what must run before what; here before on the peers. Throws `configuration` for an action that there is not, and for what does not go together.
 */
export function plannedActions(
  configuration: PoolConfiguration,
  wanted: readonly string[],
  { here, managed }: Whereabouts,
): readonly PlannedAction[] {
  const extensions = configuration.extensions?.actions ?? [];
  const order = orderOf(configuration);
  for (const name of wanted) {
    if (alone.includes(name) || (ours.includes(name) && !order.has(name))) {
      if (wanted.length > 1) throw refused(`the action '${name}' cannot be combined with others`);
    } else if (!order.has(name)) throw refused(`there is no action '${name}', and no extension of that name`);
  }
  const names = wanted[0] === 'all' ? allOf(configuration) : wanted;
  const steps = names.flatMap((name) => {
    const module = extensions.find((one) => one.name === name)?.module;
    const step = { name, module };
    return [
      ...(here ? [{ ...step, where: 'here' as const }] : []),
      ...(managed ? [{ ...step, where: 'managed' as const }] : []),
    ];
  });
  const place = (step: PlannedAction) => (order.get(step.name) ?? 0) * 2 + (step.where === 'here' ? 0 : 1);
  return steps.sort((one, other) => place(one) - place(other));
}

/** Extensions are not among all. What there is no section for is nothing to do. */
function allOf({ store }: PoolConfiguration): readonly string[] {
  return ['collect', 'stage', ...(store === undefined ? [] : ['store']), 'purge'];
}

/** The place of each action that can be combined. */
function orderOf({ extensions }: PoolConfiguration): ReadonlyMap<string, number> {
  const numbers = new Map(Object.entries(numbered));
  for (const { name } of extensions?.actions ?? []) {
    if (numbers.has(name) || alone.includes(name)) throw refused(`an extension cannot be called '${name}'`);
  }
  if (extensions?.orderMode !== 'dependency') {
    for (const { name, index } of extensions?.actions ?? []) numbers.set(name, index!);
    return numbers;
  }
  const names = [...numbers.keys(), ...extensions.actions.map(({ name }) => name)];
  const edges: [string, string][] = [
    ['collect', 'stage'],
    ['stage', 'store'],
    ['store', 'purge'],
  ];
  for (const { name, runBefore, runAfter } of extensions.actions) {
    for (const other of runBefore) edges.push([name, other]);
    for (const other of runAfter) edges.push([other, name]);
  }
  for (const [before, after] of edges) {
    const unknown = [before, after].find((one) => !names.includes(one));
    if (unknown !== undefined) throw refused(`an extension depends on '${unknown}', which is no action`);
  }
  return new Map(sorted(names, edges).map((name, index) => [name, index]));
}

/** The names so that all edges point forwards; the first that can come next does. */
function sorted(names: readonly string[], edges: readonly (readonly [string, string])[]): readonly string[] {
  const done: string[] = [];
  while (done.length < names.length) {
    const next = names.find(
      (name) => !done.includes(name) && edges.every(([before, after]) => after !== name || done.includes(before)),
    );
    if (next === undefined) throw refused('the dependencies of the extensions run in a ring');
    done.push(next);
  }
  return done;
}

function refused(message: string): StowageError {
  return new StowageError('configuration', message);
}
