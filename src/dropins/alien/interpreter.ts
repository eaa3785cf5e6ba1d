import type { GridSession } from '../../grid/connect.ts';
import { type Environment, isOn } from '../../grid/environment.ts';
import { placesOf } from '../../grid/places.ts';
import type { ClientCommand, Context } from './client-command.ts';
import { clientCommands } from './client-commands.ts';
import { type Aliases, parseLine, type Step } from './grammar.ts';
import { type Outcome, outcomeOf, said } from './outcome.ts';
import { type Output, printer } from './printer.ts';
import { serverCommand } from './server-command.ts';

export interface InterpreterOptions {
  readonly env: Environment;
  readonly output: Output;
  readonly aliases: Aliases;
  /** Every reply as JSON. */
  readonly json: boolean;
  readonly interactive: boolean;
  /** Makes the session when the first command needs one; `site` in place of the one that the environment says. */
  connect(onLost?: (reason: string) => void, site?: string): Promise<GridSession>;
  /** Is told when the connection is lost while nothing is under way. */
  readonly onLost?: (reason: string) => void;
  readonly askPassphrase?: ((name: string) => Promise<string>) | undefined;
  /** Is told after the server's working directory was changed. */
  readonly onMoved?: (directory: string, previous: string | undefined) => Promise<void>;
  /** Lends the terminal to another program while the step runs. */
  readonly withTerminal?: <T>(step: () => Promise<T>) => Promise<T>;
  /** Is told of each command of the server or ours that ran, for what it may have changed. */
  readonly onCommand?: (name: string) => void;
}

/** Runs lines one after the other, and keeps what goes from one to the next. */
export interface Interpreter {
  readonly context: Context;
  /** Runs a line and gives the exit status of its last command. Never throws. */
  run(line: string, signal?: AbortSignal, hurry?: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

const interruptedStatus = 130;
const printOptions = new Set(['nokeys', 'nomsg', 'showkeys', 'showmsg', 'allkeys']);

/** An interpreter of command lines. */
export function interpreter(options: InterpreterOptions): Interpreter {
  const { env, output } = options;
  const raw = isOn(env, 'ALIENPY_JSONRAW');
  const timing = isOn(env, 'ALIENPY_TIMING');
  let session: Promise<GridSession> | undefined;
  let open: GridSession | undefined;
  let lastStatus: number | undefined;
  let signal: AbortSignal | undefined;
  let hurry: AbortSignal | undefined;
  let json = options.json;
  /** What is printed goes into a pipe, once the command has ended well. */
  let collected: string[] | undefined;

  const lend = options.withTerminal ?? ((step) => step());

  /** Whether the command that ran last was asked for JSON: what is printed comes after it. */
  let shownAsJson = json;
  const told = printer({ output, raw, isJson: () => shownAsJson, interactive: options.interactive });
  const server = serverCommand({ ...options, context: () => context, isJson: () => json });

  const context: Context = {
    env,
    places: placesOf(env),
    session() {
      session ??= options.connect(options.onLost).then(
        (made) => {
          open = made;
          return made;
        },
        (error) => {
          session = undefined;
          throw error;
        },
      );
      return session;
    },
    get openSession() {
      return open;
    },
    server,
    run: (line) => runSteps(line),
    get signal() {
      return signal;
    },
    get hurry() {
      return hurry;
    },
    tell: (text) => output.err(`${text}\n`),
    print(text) {
      if (json) return;
      if (collected === undefined) output.out(`${text}\n`);
      else collected.push(`${text}\n`);
    },
    get terminal() {
      return collected === undefined ? output.terminal : undefined;
    },
    sessionAt: (site) => options.connect(undefined, site),
    get json() {
      return json;
    },
    get piped() {
      return collected !== undefined;
    },
    interactive: options.interactive,
    get lastStatus() {
      return lastStatus;
    },
    ending: undefined,
    prompt: { date: isOn(env, 'ALIENPY_PROMPT_DATE'), localDirectory: isOn(env, 'ALIENPY_PROMPT_CWD') },
    previousDirectory: undefined,
    stack: [],
    async moved(directory) {
      await options.onMoved?.(directory, context.previousDirectory);
    },
    own: clientCommands,
    lendTerminal: lend,
    askPassphrase: options.askPassphrase,
  };

  async function runSteps(line: string): Promise<number> {
    let steps: readonly Step[];
    try {
      steps = parseLine(line, options.aliases);
    } catch (error) {
      return told.print(outcomeOf(error));
    }
    for (const step of steps) {
      if (context.ending !== undefined || signal?.aborted) break;
      const started = performance.now();
      lastStatus = await runStep(step);
      if (timing) output.err(`>>> ${((performance.now() - started) / 1000).toFixed(3)} s\n`);
      // Who interrupts a program of this machine means the whole line, as in other shells.
      if (lastStatus === interruptedStatus) break;
    }
    return lastStatus ?? 0;
  }

  async function runStep(step: Step): Promise<number> {
    if (step.kind === 'shell') return inShell(step.text.replace(/(^|\s)-noout(?=\s|$)/g, '$1'));
    if (step.pipe === undefined) {
      const outcome = await outcomeOfWords(step.words);
      return outcome.content === undefined ? told.print(outcome) : told.printContent(outcome, outcome.content);
    }
    const printed: string[] = [];
    collected = printed;
    const outcome = await outcomeOfWords(step.words).finally(() => {
      collected = undefined;
    });
    const { pipe } = step;
    if (outcome.content !== undefined) {
      return told.printContent(outcome, outcome.content, (input) => inShell(pipe, input));
    }
    const text = printed.join('') + told.textOf(outcome);
    if (outcome.status === 0 && text !== '') return inShell(pipe, text);
    output.out(printed.join(''));
    return told.print(outcome);
  }

  async function inShell(text: string, input?: string | AsyncIterable<Uint8Array>): Promise<number> {
    const { runInTerminal } = await import('../../programs/run-in-terminal.ts');
    try {
      // From here on a Ctrl-C is for the program.
      if (signal?.aborted) return interruptedStatus;
      return await lend(() => runInTerminal('sh', ['-c', text], input === undefined ? {} : { input }));
    } catch (error) {
      return told.print(outcomeOf(error));
    }
  }

  async function outcomeOfWords(words: readonly string[]): Promise<Outcome> {
    const [name, ...rest] = words;
    if (name === undefined) return { status: 0, out: '', err: '' };
    const before = json;
    try {
      const own = await clientCommands.find(name);
      const ours = own?.isPassedOn ? rest.slice(0, 1) : rest;
      json = options.json || ours.includes('-json');
      const args = [...ours.filter((arg) => arg !== '-json'), ...rest.slice(ours.length)];
      const outcome = await outcomeOfCommand(name, own, args);
      options.onCommand?.(name);
      return outcome;
    } catch (error) {
      return outcomeOf(error);
    } finally {
      // What is printed comes after this, in the way of this command.
      shownAsJson = json;
      json = before;
    }
  }

  async function outcomeOfCommand(
    name: string,
    own: ClientCommand | undefined,
    args: readonly string[],
  ): Promise<Outcome> {
    if (own === undefined) return server(name, args);
    const ours = own.isPassedOn ? args.slice(0, 1) : args;
    if (ours.some((arg) => /^--?h(elp)?$/.test(arg))) {
      const { helpText } = await import('./commands/help.ts');
      return said(helpText(own));
    }
    return own.run(context, own.isPassedOn ? args : args.filter(notForPrinting));
  }

  return {
    context,
    async run(line, stop, soon) {
      signal = stop;
      hurry = soon;
      try {
        return await runSteps(line);
      } catch (error) {
        return told.print(outcomeOf(error));
      } finally {
        signal = undefined;
        hurry = undefined;
      }
    },
    async close() {
      await open?.close();
    },
  };
}

function notForPrinting(arg: string): boolean {
  return !(arg.startsWith('-') && printOptions.has(arg.slice(1)));
}
