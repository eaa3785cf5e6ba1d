import { plainReason, StowageError } from '../../errors.ts';
import { runProgram } from '../../programs/run-program.ts';
import { wordsOf } from '../peers/ssh-command.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';

const tailLines = 10;

/**
 * Runs the commands that the configuration names before or after an action, one after the other. A command is words, with double quotes alone: no shell reads
 * it. One that fails ends the run with `program`, after the last lines that it said were told.
 */
export async function* runHooks(run: PoolRun, action: string, when: 'before' | 'after'): AsyncGenerator<PoolEvent> {
  const { hooks, overrides } = run.configuration.options;
  for (const hook of hooks.filter((one) => one.action === action && one.when === when)) {
    const [program, ...args] = wordsOf(hook.command);
    const { status, signal, stdout, stderr } = await runHook(overrides.get(program!) ?? program!, args, run);
    const said = `${stdout}${stderr}`.trimEnd();
    yield { kind: 'pool', action, level: 'debug', deed: 'told', text: `Ran [${hook.command}] ${when} ${action}.` };
    if (said !== '') yield { kind: 'pool', action, level: 'debug', deed: 'output', text: said };
    if (status === 0) continue;
    const tail =
      said === ''
        ? '<nothing>'
        : `\n${said
            .split('\n')
            .slice(-tailLines)
            .map((line) => `   ${line}`)
            .join('\n')}`;
    yield { kind: 'pool', action, level: 'error', deed: 'failed', text: `The hook failed, and said: ${tail}` };
    const end = status === null ? `was ended by ${signal}` : `ended with status ${status}`;
    throw new StowageError('program', `the command '${hook.command}', to be run ${when} ${action}, ${end}`);
  }
}

async function runHook(program: string, args: readonly string[], { signal }: PoolRun) {
  try {
    const every = Array.from({ length: 256 }, (_, status) => status);
    const result = await runProgram(program, args, { successStatuses: every, ...(signal && { signal }) });
    return {
      status: result.status,
      signal: result.signal,
      stdout: result.stdout.toString(),
      stderr: result.stderr.toString(),
    };
  } catch (error) {
    return { status: 256, signal: undefined, stdout: '', stderr: plainReason(error) };
  }
}
