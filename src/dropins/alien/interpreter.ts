import type { GridSession } from '../../grid/connect.ts';
import { type Environment, isOn } from '../../grid/environment.ts';
import { needsHome } from '../../grid/lfn.ts';
import { placesOf } from '../../grid/places.ts';
import type { ClientCommand, Context, TerminalLine } from './client-command.ts';
import { clientCommands } from './client-commands.ts';
import { type Aliases, parseLine, type Step } from './grammar.ts';
import { answered, type Outcome, outcomeOf, outputText, said } from './outcome.ts';
import { sendOptions } from './send-options.ts';
import { unknownCommand } from './suggest.ts';

/** Where a run writes. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Like `out`, byte for byte; resolves when more may come. Without it bytes are written as UTF-8. */
  bytes?(chunk: Uint8Array): Promise<void>;
  /** Where a line may move, if somebody looks at a terminal. */
  readonly terminal?: TerminalLine;
}

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
  const full = isOn(env, 'ALIENPY_DEBUG');
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

  async function server(command: string, args: readonly string[]): Promise<Outcome> {
    const grid = await context.session();
    const named = args.some(needsHome) ? await withHome(grid, args) : args;
    const wanted = named.filter((arg) => !/^-(showkeys|showmsg|allkeys)$/.test(arg));
    const asIs = json || raw || full || wanted.length < named.length || wanted.includes('-nokeys');
    const reply = await grid.send(command, asIs ? wanted : [...wanted, '-nokeys'], sendOptions({ signal }));
    const isUnknown = reply.exitCode === 2 && reply.error.includes(`Command [${command}] not found!`);
    if (isUnknown && !isOn(env, 'ALIENPY_ALLOW_UNKNOWN_CMDS')) {
      const { results } = await grid.send('commandlist', ['-nomsg']);
      return unknownCommand(
        command,
        results.map((one) => String(one.commandlist)),
      );
    }
    if (reply.exitCode === 0 && wanted.length < named.length && !json) return answered(reply, keysText(reply.results));
    return answered(reply);
  }

  async function runSteps(line: string): Promise<number> {
    let steps: readonly Step[];
    try {
      steps = parseLine(line, options.aliases);
    } catch (error) {
      return tellOutcome(outcomeOf(error));
    }
    for (const step of steps) {
      if (context.ending !== undefined || signal?.aborted) break;
      const started = performance.now();
      lastStatus = await runStep(step);
      if (timing) output.err(`>>> ${((performance.now() - started) / 1000).toFixed(3)} s\n`);
    }
    return lastStatus ?? 0;
  }

  async function runStep(step: Step): Promise<number> {
    if (step.kind === 'shell') return inShell(step.text.replace(/(^|\s)-noout(?=\s|$)/g, '$1'));
    if (step.pipe === undefined) {
      const outcome = await outcomeOfWords(step.words);
      return outcome.content === undefined ? tellOutcome(outcome) : tellContent(outcome, outcome.content);
    }
    const printed: string[] = [];
    collected = printed;
    const outcome = await outcomeOfWords(step.words).finally(() => {
      collected = undefined;
    });
    if (outcome.content !== undefined) return tellContent(outcome, outcome.content, step.pipe);
    const text = printed.join('') + outputText(outcome, way());
    if (outcome.status === 0 && text !== '') return inShell(step.pipe, text);
    output.out(printed.join(''));
    return tellOutcome(outcome);
  }

  async function inShell(text: string, input?: string | AsyncIterable<Uint8Array>): Promise<number> {
    const { runInTerminal } = await import('../../programs/run-in-terminal.ts');
    try {
      // From here on a Ctrl-C is for the program.
      if (signal?.aborted) return interruptedStatus;
      return await lend(() => runInTerminal('sh', ['-c', text], input === undefined ? {} : { input }));
    } catch (error) {
      return tellOutcome(outcomeOf(error));
    }
  }

  /** Prints what is not text, or gives it to a program, which is begun when there is something and the command has not failed. */
  async function tellContent(outcome: Outcome, content: AsyncIterable<Uint8Array>, pipe?: string): Promise<number> {
    const chunks = content[Symbol.asyncIterator]();
    try {
      const first = await chunks.next();
      const all = { [Symbol.asyncIterator]: () => withFirst(first, chunks) };
      if (pipe !== undefined && outcome.status === 0 && !first.done) return await inShell(pipe, all);
      let last: number | undefined = 10;
      for await (const chunk of all) {
        await (output.bytes?.(chunk) ?? output.out(Buffer.from(chunk).toString('utf8')));
        last = chunk.at(-1) ?? last;
      }
      // The prompt begins a line.
      if (options.interactive && last !== 10) output.out('\n');
      return tellOutcome(outcome);
    } catch (error) {
      return tellOutcome(outcomeOf(error));
    } finally {
      await chunks.return?.();
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

  let shownAsJson = json;
  const way = () => (raw ? 'raw' : shownAsJson ? 'json' : 'text');

  function tellOutcome(outcome: Outcome): number {
    const text = outputText(outcome, way());
    if (text !== '') output.out(text);
    if (outcome.err !== '' && way() === 'text') output.err(`${outcome.err}\n`);
    else if (outcome.err !== '' && text === '') output.err(`${outcome.err}\n`);
    return outcome.status;
  }

  return {
    context,
    async run(line, stop, soon) {
      signal = stop;
      hurry = soon;
      try {
        return await runSteps(line);
      } catch (error) {
        return tellOutcome(outcomeOf(error));
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

async function* withFirst(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}

function notForPrinting(arg: string): boolean {
  return !(arg.startsWith('-') && printOptions.has(arg.slice(1)));
}

async function withHome(grid: GridSession, args: readonly string[]): Promise<readonly string[]> {
  return Promise.all(args.map((arg) => (needsHome(arg) ? grid.lfn(arg) : arg)));
}

function keysText(results: readonly Readonly<Record<string, unknown>>[]): string {
  return results
    .map((one) =>
      Object.entries(one)
        .map(([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join('\n'),
    )
    .join('\n\n');
}
