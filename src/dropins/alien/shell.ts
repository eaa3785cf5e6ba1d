import { createInterface, type Interface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { plainReason } from '../../errors.ts';
import { isOn } from '../../grid/environment.ts';
import { placesOf } from '../../grid/places.ts';
import { version } from '../../version.ts';
import { completionsOf } from './completion.ts';
import { type History, noHistory, openHistory } from './history.ts';
import { type Interpreter, type InterpreterOptions, interpreter } from './interpreter.ts';
import { listingsOf, mayChangeNames } from './listings.ts';
import { optionNames } from './option-names.ts';
import type { Output } from './printer.ts';
import { promptText } from './prompt.ts';
import { searchHistory } from './search-history.ts';
import { serverCommands } from './server-commands.ts';
import { readSession, writeSession } from './session-file.ts';

const mostCompletionMs = 3000;

/** The interactive shell, on standard input and output. Gives its exit status. Rejects where there is no server. */
export async function shell(options: InterpreterOptions): Promise<number> {
  const { env, output } = options;
  const home = placesOf(env).home;
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const tell = (text: string) => output.err(`${text}\n`);
  const history = isTerminal && !isOn(env, 'ALIENPY_NO_HISTORY') ? await openHistory(home, tell) : noHistory;
  let lines: Interface | undefined;
  let running: AbortController | undefined;
  let hurry = new AbortController();
  let isLent = false;

  const runner = interpreter({
    ...options,
    interactive: true,
    onCommand(name) {
      if (mayChangeNames(name)) listings.forget();
    },
    async onMoved(directory, previous) {
      await writeSession(home, { directory, previous }).catch((error) => tell(plainReason(error)));
    },
    onLost(reason) {
      if (running !== undefined) return;
      output.err(`\nthe connection was lost: ${reason}; the next command connects again\n`);
      void showPrompt();
    },
    async withTerminal(step) {
      if (!isTerminal || lines === undefined) return step();
      isLent = true;
      try {
        return await lendTerminal(lines, output, step);
      } finally {
        isLent = false;
      }
    },
  });
  const { context } = runner;
  const listings = listingsOf(() => context.session());
  const optionsOf = optionNames(context.own, () => context.session());

  async function promptNow(): Promise<string> {
    const grid = context.openSession;
    const { user = '', directory = '' } = (await grid?.where().catch(() => undefined)) ?? {};
    return promptText(context.prompt, {
      user,
      directory,
      localDirectory: process.cwd(),
      connected: grid?.isConnected() === true,
      now: new Date(),
    });
  }

  async function showPrompt(): Promise<void> {
    if (!isTerminal || lines === undefined) return;
    lines.setPrompt(await promptNow());
    lines.prompt(true);
  }

  await begin(runner, options);
  lines = createInterface({
    input: process.stdin,
    ...(isTerminal ? { output: process.stdout } : {}),
    terminal: isTerminal,
    history: [...history.lines],
    historySize: 20_000,
    completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
      // Node reads no key, and so no Ctrl-C, until it has an answer.
      if (running !== undefined) return done(null, [[], line]);
      const typed = withoutTabs(lines, line);
      const asked = completionsOf(typed, {
        commands: async () => [...new Set([...context.own.names, ...serverCommands])].sort(),
        options: optionsOf,
        entries: listings.entries,
        where: async () => (await context.session()).where(),
        localDirectory: process.cwd(),
      });
      void Promise.race([asked, nothingAfter(mostCompletionMs)]).then((found) => {
        done(null, [[...(found?.candidates ?? [])], found?.replaced ?? typed]);
      });
    },
  });
  if (isTerminal) {
    searchHistory(lines);
    output.out(`Welcome to the ALICE GRID\nstowage ${version}: help lists the commands, exit or Ctrl-D ends\n`);
  }
  try {
    return await readLines(lines);
  } finally {
    lines.close();
    await runner.close();
  }

  async function readLines(from: Interface): Promise<number> {
    const typed: string[] = [];
    let closed = false;
    let wake = () => {};
    from.on('line', (line) => {
      typed.push(line);
      wake();
    });
    // What was typed, or came through a pipe, before the end is still done.
    from.on('close', () => {
      closed = true;
      wake();
    });
    const onInterrupt = () => {
      // A second one, for what brings something to its end first.
      if (running?.signal.aborted) return hurry.abort();
      if (running !== undefined) return running.abort();
      // What was typed ahead goes too.
      typed.length = 0;
      output.out('^C\n');
      (from as unknown as { line: string; cursor: number }).line = '';
      (from as unknown as { line: string; cursor: number }).cursor = 0;
      void showPrompt();
    };
    from.on('SIGINT', onInterrupt);
    if (isTerminal) {
      // By the terminal only where somebody else took it out of raw mode. A program that has it has its own Ctrl-C.
      process.on('SIGINT', () => (isLent ? undefined : onInterrupt()));
      process.on('SIGCONT', onContinued);
    }
    let status = 0;
    for (;;) {
      await showPrompt();
      while (typed.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const line = typed.shift();
      if (line === undefined) break;
      status = await runLine(runner, line, history);
      if (context.ending !== undefined) return context.ending;
    }
    if (isTerminal) output.out('\nExit\n');
    return isTerminal ? 0 : status;
  }

  /** Who stopped us, and the shell that we came from, have left the terminal as they like it. */
  function onContinued(): void {
    if (isLent) return;
    process.stdin.setRawMode(false);
    process.stdin.setRawMode(true);
    if (running === undefined) void showPrompt();
  }

  async function runLine(on: Interpreter, line: string, kept: History): Promise<number> {
    kept.add(line);
    if (line.trim() === '') return context.lastStatus ?? 0;
    running = new AbortController();
    hurry = new AbortController();
    try {
      return await on.run(line, running.signal, hurry.signal);
    } finally {
      running = undefined;
    }
  }
}

/**
 * The line without tabs at its end. Node puts them in where several keys arrive at once, as when somebody pressed Tab again while a slow server was
 * asked.
 */
function withoutTabs(lines: Interface | undefined, line: string): string {
  const typed = line.replace(/\t+$/, '');
  if (typed === line || lines === undefined) return line;
  const editor = lines as unknown as { line: string; cursor: number };
  editor.line = typed + editor.line.slice(line.length);
  editor.cursor = typed.length;
  lines.prompt(true);
  return typed;
}

async function nothingAfter(ms: number): Promise<undefined> {
  await pause(ms, undefined, { ref: false });
}

/** Connects, and goes where the last shell was. */
async function begin({ context }: Interpreter, { env, output }: InterpreterOptions): Promise<void> {
  const grid = await context.session();
  await grid.where();
  if (isOn(env, 'ALIENPY_NO_CWD_RESTORE')) return;
  const { directory, previous } = await readSession(context.places.home);
  context.previousDirectory = previous;
  if (directory === undefined) return;
  const reply = await grid.send('cd', [directory]);
  if (reply.exitCode !== 0) output.err(`the last directory, ${directory}, is not there any more: ${reply.error}\n`);
}

/** Gives the terminal to another program, as it was before us, and takes it back. */
async function lendTerminal<T>(lines: Interface, output: Output, step: () => Promise<T>): Promise<T> {
  lines.pause();
  process.stdin.setRawMode(false);
  try {
    return await step();
  } finally {
    process.stdin.setRawMode(true);
    lines.resume();
    // Where a line was begun and not ended, the next one is begun: else the prompt would be written over it.
    const columns = process.stdout.columns || 80;
    output.out(`${' '.repeat(columns)}\r`);
  }
}
