import type { InterpreterOptions } from './interpreter.ts';

/** The interactive shell. */
export async function shell(_options: InterpreterOptions): Promise<number> {
  return 0;
}
