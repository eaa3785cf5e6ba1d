import { Script } from 'node:vm';
import { isStowageError } from '../../errors.ts';

const slot = Symbol.for('stowage.bounded');
// V8 stops a pattern in its tracks only when the whole call stands under a limit of its own.
const script = new Script(`globalThis[Symbol.for('stowage.bounded')]()`);

/** What the work gives, or undefined if it was stopped: by the clock, or by an engine that counts its own steps. Costs some 50 µs. */
export function within<T>(milliseconds: number, work: () => T): T | undefined {
  const world = globalThis as unknown as Record<symbol, (() => void) | undefined>;
  let result: T | undefined;
  world[slot] = () => {
    result = work();
  };
  try {
    script.runInThisContext({ timeout: Math.max(1, Math.ceil(milliseconds)) });
    return result;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' || ranOutOfSteps(error)) return undefined;
    throw error;
  } finally {
    delete world[slot];
  }
}

function ranOutOfSteps(error: unknown): boolean {
  return isStowageError(error, 'configuration') && error.facts.steps !== undefined;
}
