import { Script } from 'node:vm';
import { isStowageError } from '../../errors.ts';

const slot = Symbol.for('stowage.bounded');
// V8 stops a pattern in its tracks only when the whole call stands under a limit of its own.
const script = new Script(`globalThis[Symbol.for('stowage.bounded')]()`);

/**
 * What the work gives, or undefined if it was stopped: by the limit, or by an engine that counts its own steps. The limit is of processor time: of work that was stopped
 * while the machine did something else, or slept, nothing is known, and it is done again from its beginning. Costs some 50 µs.
 */
export function within<T>(milliseconds: number, work: () => T): T | undefined {
  for (let spent = 0; spent < milliseconds; ) {
    const before = process.cpuUsage();
    const done = attempt(milliseconds, work);
    if (done !== 'late') return done?.result;
    const { user, system } = process.cpuUsage(before);
    spent += (user + system) / 1000;
  }
  return undefined;
}

/** The clock alone can stop it. Undefined if the engine did. */
function attempt<T>(milliseconds: number, work: () => T): { readonly result: T } | 'late' | undefined {
  const world = globalThis as unknown as Record<symbol, (() => void) | undefined>;
  let done: { readonly result: T } | undefined;
  world[slot] = () => {
    done = { result: work() };
  };
  try {
    script.runInThisContext({ timeout: Math.max(1, Math.ceil(milliseconds)) });
    return done;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'late';
    if (ranOutOfSteps(error)) return undefined;
    throw error;
  } finally {
    delete world[slot];
  }
}

function ranOutOfSteps(error: unknown): boolean {
  return isStowageError(error, 'configuration') && error.facts.steps !== undefined;
}
