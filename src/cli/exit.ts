import { type ErrorCode, isStowageError } from '../errors.ts';
import { isFailure } from '../pool/pool-event.ts';
import type { Reported } from '../report/reported.ts';

/** The exit statuses; docs/cli.md is made from this table. */
export const exitStatuses = {
  ok: { status: 0, meaning: 'all that was asked is done and checked' },
  incomplete: {
    status: 1,
    meaning:
      'finished, but something is not as it should be: missing, unmapped, ambiguous, refused, damaged, not found',
  },
  usage: { status: 2, meaning: 'the command line is wrong' },
  configuration: { status: 3, meaning: 'the configuration is wrong, or the record belongs to another root or store' },
  unavailable: { status: 4, meaning: 'something could not be looked at, read or written; the rest was done' },
  locked: { status: 5, meaning: 'another run holds the lock' },
  bug: { status: 70, meaning: 'a fault of Stowage itself' },
  interrupted: { status: 130, meaning: 'interrupted; the same command goes on' },
} as const;

export const exit = Object.fromEntries(Object.entries(exitStatuses).map(([name, { status }]) => [name, status])) as {
  readonly [name in keyof typeof exitStatuses]: number;
};

const statusOfCode: { readonly [code in ErrorCode]: number } = {
  usage: exit.usage,
  configuration: exit.configuration,
  mismatch: exit.configuration,
  unavailable: exit.unavailable,
  full: exit.unavailable,
  corrupt: exit.unavailable,
  asleep: exit.unavailable,
  exists: exit.unavailable,
  changed: exit.unavailable,
  program: exit.unavailable,
  missing: exit.incomplete,
  refused: exit.incomplete,
  locked: exit.locked,
  interrupted: exit.interrupted,
  bug: exit.bug,
};

/** The exit status for an error that ends a run. */
export function statusOfError(error: unknown): number {
  return isStowageError(error) ? statusOfCode[error.code] : exit.bug;
}

/** What an event makes of the exit status; that something is due weighs only where it was asked whether anything is. */
export function statusOfEvent(event: Reported): number {
  switch (event.kind) {
    case 'pool':
      return isFailure(event) ? exit.incomplete : exit.ok;
    case 'finding':
      return { blind: exit.unavailable, problem: exit.incomplete, notice: exit.ok }[event.severity];
    case 'failed':
      return statusOfError(event.error);
    case 'verdict':
      return event.verdict.outcome === 'intact' ? exit.ok : exit.incomplete;
    case 'restored':
      return event.restored.outcome === 'differs' || event.restored.outcome === 'failed' || event.restored.torn
        ? exit.incomplete
        : exit.ok;
    case 'explained': {
      const { disk, explanation } = event.explained;
      if (disk.kind === 'there' && disk.type === 'directory') return exit.ok;
      const refused = disk.kind === 'there' && disk.refusal !== undefined;
      return refused || ['unmapped', 'ambiguous', 'refused'].includes(explanation.fate.kind)
        ? exit.incomplete
        : exit.ok;
    }
    case 'unknown-path':
    case 'list-differs':
      return exit.incomplete;
    case 'usage':
      return (event.usage.disk?.unseen ?? 0) > 0 ? exit.unavailable : exit.ok;
    case 'status':
      return event.status.damaged.length > 0 ? exit.incomplete : exit.ok;
    case 'examined':
      return { ok: exit.ok, warning: exit.ok, problem: exit.incomplete, unseen: exit.unavailable }[event.outcome];
    case 'checked':
      return event.errors > 0 ? exit.configuration : exit.ok;
    default:
      return exit.ok;
  }
}

/** The weightier of two: a fault over an unseen thing over an incomplete one. */
export function worse(a: number, b: number): number {
  const order = [
    exit.ok,
    exit.incomplete,
    exit.unavailable,
    exit.locked,
    exit.usage,
    exit.configuration,
    exit.bug,
    exit.interrupted,
  ];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
