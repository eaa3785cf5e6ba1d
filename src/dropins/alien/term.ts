import type { InterpreterOptions } from './interpreter.ts';

/** A REPL. */
export async function replOfSession(_options: InterpreterOptions): Promise<number> {
  return 0;
}
