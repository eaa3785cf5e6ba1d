import { readFile } from 'node:fs/promises';
import { fileError } from '../../errors.ts';
import { type Environment, isOn } from '../../grid/environment.ts';
import { placesOf } from '../../grid/places.ts';
import { displayName } from '../../model/byte-name.ts';
import { readAliases } from './aliases.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { type InterpreterOptions, interpreter } from './interpreter.ts';
import { outcomeOf } from './outcome.ts';
import type { Output } from './printer.ts';

/** What a run needs of the process around it. */
export interface Surroundings {
  readonly env: Environment;
  readonly output: Output;
  readonly signal?: AbortSignal;
  /** Asks for a passphrase; only where there is a terminal. */
  readonly askPassphrase?: (name: string) => Promise<string>;
}

/**
 * The command `alien.py`, or one of its other names, with its command line. Gives the exit status: that of the last command. Never throws.
 */
export async function main(program: string, argv: readonly string[], around: Surroundings): Promise<number> {
  const commandLine = readCommandLine(program, argv);
  const { wanted } = commandLine;
  try {
    const options = await optionsOf(commandLine, around);
    if (wanted.kind === 'shell') {
      const { shell } = await import('./shell.ts');
      return await shell(options);
    }
    if (wanted.kind === 'term') {
      const { replOfSession } = await import('./term.ts');
      return await replOfSession(options);
    }
    const runner = interpreter(options);
    try {
      const line = wanted.kind === 'file' ? await linesOf(wanted.path) : wanted.kind === 'help' ? 'help' : wanted.line;
      const status = await runner.run(line, around.signal);
      return runner.context.ending ?? status;
    } finally {
      await runner.close();
    }
  } catch (error) {
    const { status, err } = outcomeOf(error);
    around.output.err(`${err}\n`);
    return status;
  }
}

async function optionsOf(commandLine: CommandLine, around: Surroundings): Promise<InterpreterOptions> {
  const { env, output } = around;
  const tell = (text: string) => output.err(`${text}\n`);
  const trace = await traceOf(commandLine, env, tell);
  const json = ['ALIENPY_JSON', 'ALIENPY_JSON_OUT', 'ALIENPY_JSON_OUT_GLOBAL'] as const;
  return {
    env,
    output,
    aliases: await readAliases(placesOf(env).home),
    json: commandLine.json || json.some((name) => isOn(env, name)),
    interactive: false,
    askPassphrase: around.askPassphrase,
    async connect(onLost, site) {
      const { openGrid } = await import('./open-grid.ts');
      return openGrid({
        env: site === undefined ? env : { ...env, ALIEN_SITE: site },
        tell,
        insecure: commandLine.insecure,
        ...(around.askPassphrase === undefined ? {} : { askPassphrase: around.askPassphrase }),
        ...(trace === undefined ? {} : { trace }),
        ...(onLost === undefined ? {} : { onLost }),
      });
    },
  };
}

async function traceOf({ debug, debugFile }: CommandLine, env: Environment, tell: (text: string) => void) {
  if (!debug && !isOn(env, 'ALIENPY_DEBUG')) return undefined;
  const { debugLog } = await import('./debug-log.ts');
  return debugLog(debugFile ?? env.ALIENPY_DEBUG_FILE ?? `${placesOf(env).home}/alien_py.log`, tell);
}

async function linesOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
}
