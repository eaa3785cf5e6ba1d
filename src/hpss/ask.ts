import { patiently } from './patience.ts';
import { type HsiCommand, runSession, type SessionOptions } from './session.ts';

/** What hsi answered to one command: its lines. */
export type Answer = readonly string[];

/** Asks several things in one session; the answers in order. Not tried again. */
export async function askOnce(commands: readonly HsiCommand[], options: SessionOptions): Promise<readonly Answer[]> {
  if (commands.length === 0) return [];
  const session = await runSession(commands, options);
  try {
    const answers: string[][] = commands.map(() => []);
    for await (const { command, line } of session.lines()) if (line !== undefined) answers[command]!.push(line);
    return answers;
  } finally {
    await session.close();
  }
}

/** The same for commands that may be given twice: tried again after what may pass. `check` throws for an answer that is a failure. */
export function ask<Result>(
  commands: readonly HsiCommand[],
  options: SessionOptions,
  check: (answers: readonly Answer[]) => Result,
): Promise<Result> {
  return patiently(options, async () => check(await askOnce(commands, options)));
}
