import { CommanderError, Command as Parser, Argument as ParserArgument, Option as ParserOption } from 'commander';
import { isStowageError, StowageError } from '../errors.ts';
import { foundPaths } from '../report/found-paths.ts';
import { jsonReporter } from '../report/json-lines.ts';
import type { Output, Reporter } from '../report/reporter.ts';
import { textReporter } from '../report/text.ts';
import { listenToSignals } from '../signals.ts';
import { version } from '../version.ts';
import { type Call, type Command, commonOptions, type Option } from './command.ts';
import { commands } from './commands.ts';
import { exit, exitStatuses, statusOfError, statusOfEvent, worse } from './exit.ts';
import { pageOf } from './policy.ts';

type Parsed = Pick<Call, 'args' | 'flags'>;

/** Runs one command line (without the program's name) and gives its exit status. Never throws. */
export async function run(argv: readonly string[], output: Output): Promise<number> {
  let status: number = exit.ok;
  const parser = parserOf(output, async (command, call) => {
    status = await runCommand(command, call, output, argv);
  });
  try {
    await parser.parseAsync(wanted(argv), { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exit.ok : exit.usage;
  }
}

/** Help for a command that there is not is that command: what there is instead is then told. */
function wanted(argv: readonly string[]): readonly string[] {
  const [first, name] = argv;
  const isKnown = name === undefined || name.startsWith('-') || commands.some((one) => one.name === name);
  return first === 'help' && !isKnown ? argv.slice(1) : argv;
}

function parserOf(output: Output, onCall: (command: Command, call: Parsed) => Promise<void>): Parser {
  const parser = new Parser('stowage');
  parser
    .description(
      'Moves data into deep storage, proves that every file arrived, says which archive holds what, and brings it back.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .exitOverride()
    .showHelpAfterError('(stowage --help says what there is)')
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => output.out(text),
      writeErr: (text) =>
        output.err(text.replace(/^error: /, 'stowage: ').replace(/^stowage: command-argument value/, 'stowage:')),
    })
    .addHelpText(
      'after',
      `\nExit statuses:\n${Object.values(exitStatuses)
        .map((one) => `  ${String(one.status).padEnd(4)} ${one.meaning}`)
        .join('\n')}`,
    );
  for (const command of commands) {
    const sub = parser.command(command.name).summary(command.summary).description(command.description);
    for (const { name, description, optional, many, choices } of command.arguments) {
      const word = `${name}${many ? '...' : ''}`;
      const argument = new ParserArgument(optional ? `[${word}]` : `<${word}>`, description);
      sub.addArgument(choices === undefined ? argument : argument.choices(choices));
    }
    for (const option of [...command.options, ...commonOptions]) sub.addOption(parserOption(option));
    sub.showHelpAfterError(`(stowage ${command.name} --help says what it takes)`);
    sub.addHelpText('after', `\nExamples:\n${command.examples.map((one) => `  ${one}`).join('\n')}`);
    sub.action(async (...values: unknown[]) => {
      const args = Object.fromEntries(
        command.arguments.map(({ name }, index) => [name, values[index]]),
      ) as Call['args'];
      await onCall(command, { args, flags: sub.opts() });
    });
  }
  return parser;
}

function parserOption(option: Option): ParserOption {
  const parsed = new ParserOption(option.flags, option.description);
  if (option.default !== undefined) parsed.default(option.default);
  if (option.choices !== undefined) parsed.choices([...option.choices]);
  return parsed;
}

async function runCommand(command: Command, parsed: Parsed, output: Output, argv: readonly string[]): Promise<number> {
  const plain = reporterOf(parsed, output);
  const log = await logOf(parsed, plain, output, argv);
  const report = log ?? plain;
  const tellStopping = () =>
    output.err('\nstowage: stopping when what is under way is done; interrupt again to abort at once\n');
  const signals = listenToSignals(command.gentle === true, tellStopping, (signal) => log?.heard(signal));
  const deeds: (() => Promise<void>)[] = [];
  const call: Call = {
    ...parsed,
    commands,
    atEnd: (deed) => void deeds.push(deed),
    tell: (text) => output.err(`stowage: ${text}\n`),
    verb: { stop: signals.stop, signal: signals.signal, progress: (progress) => report.progress(progress) },
  };
  let status: number = exit.ok;
  let expected = command.expects === undefined;
  try {
    for await (const event of command.run(call)) {
      report.event(event);
      status = worse(status, command.statusOf?.(event) ?? statusOfEvent(event));
      if (event.kind === command.expects?.kind) expected = true;
      if (command.onlyTells === true && output.lost?.() !== undefined) break;
    }
    if (!expected && command.expects !== undefined) {
      status = worse(status, command.expects.status);
      // What could not be looked at may hold it.
      const where = status === command.expects.status ? '' : ', where it could be looked';
      if (call.flags.quiet !== true) output.err(`stowage: ${command.expects.message}${where}\n`);
    }
  } catch (error) {
    const told = signals.signal.aborted && !isStowageError(error, 'interrupted') ? interrupted(error) : error;
    report.error(told);
    status = worse(status, statusOfError(told));
  } finally {
    // What cannot be closed kindly ends with the process.
    await Promise.allSettled(deeds.map((deed) => deed()));
    signals.end();
  }
  report.end(status);
  log?.close();
  return status;
}

async function logOf({ args, flags }: Parsed, inner: Reporter, output: Output, argv: readonly string[]) {
  if (typeof flags.logFile !== 'string') return undefined;
  const config = typeof args.config === 'string' ? args.config : undefined;
  const { openLog } = await import('./run-log.ts');
  return openLog(flags.logFile, { argv, config }, inner, output);
}

function interrupted(cause: unknown): StowageError {
  return new StowageError('interrupted', 'interrupted', {
    hint: 'run the same command again: it goes on where this run stopped',
    cause,
  });
}

function reporterOf({ flags }: Parsed, output: Output): Reporter {
  if (flags.json === true) return jsonReporter(output, { debug: flags.debug === true });
  const plain = process.env.TERM === 'dumb' || Boolean(process.env.NO_COLOR) || flags.color === false;
  const told = textReporter(
    output,
    {
      quiet: flags.quiet === true,
      verbose: flags.verbose === true,
      color: !plain && process.stdout.isTTY === true,
      animate:
        flags.progress !== false &&
        flags.quiet !== true &&
        process.stderr.isTTY === true &&
        process.env.TERM !== 'dumb',
      debug: flags.debug === true,
      page: pageOf(flags) ?? 1,
    },
    { width: () => process.stderr.columns || 80, now: () => performance.now() },
  );
  return flags.print0 === true ? foundPaths(output, told) : told;
}
