import type { Reported } from '../report/reported.ts';
import type { VerbOptions } from '../verbs/project.ts';

/** One command of `stowage`: what it is called, what it takes, what it does. One table of them feeds the command line and its manual. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** More than the summary, for `--help` and the manual. */
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  /** What it does, as events. The modules that it needs are loaded here, not before. */
  run(call: Call): AsyncIterable<Reported>;
  /** The first Ctrl-C lets it finish what is under way. */
  readonly gentle?: boolean;
  /** It does nothing but tell: where nobody listens any more (`| head`), it ends. Every other command does its work to the end. */
  readonly onlyTells?: boolean;
  /** What an event makes of the exit status, where this command differs from the others. */
  readonly statusOf?: (event: Reported) => number | undefined;
  /** The exit status if no event of this kind came, and what to say then. */
  readonly expects?: { readonly kind: Reported['kind']; readonly status: number; readonly message: string };
}

export interface Argument {
  readonly name: string;
  readonly description: string;
  readonly optional?: boolean;
  readonly many?: boolean;
  readonly choices?: readonly string[];
}

export interface Option {
  /** As in `--level <level>`; a value is in angle brackets, and `<value...>` takes many. */
  readonly flags: string;
  readonly description: string;
  readonly default?: string;
  readonly choices?: readonly string[];
}

/** A command as it was called. */
export interface Call {
  /** By the name of the argument; an array for one that takes many. */
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** By the long name of the option, in camelCase; an array for one that takes many. */
  readonly flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly verb: VerbOptions;
  /** Says a line to whoever waits, while a store is waited for. */
  readonly tell: (text: string) => void;
  /** Has this done when the command has ended, however it did. */
  readonly atEnd: (deed: () => Promise<void>) => void;
  /** The table that the command stands in. */
  readonly commands: readonly Command[];
}

/** The one value of an argument that must be there. */
export function text(call: Call, name: string): string {
  const value = call.args[name];
  return typeof value === 'string' ? value : '';
}

/** The one value of an argument or option that may be absent. */
export function optionalText(call: Call, name: string): string | undefined {
  const value = call.args[name] ?? call.flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an argument or option that takes many. */
export function texts(call: Call, name: string): readonly string[] {
  const value = call.args[name] ?? call.flags[name];
  return typeof value === 'string' ? [value] : typeof value === 'object' ? value : [];
}

/** Options that every command has. */
export const commonOptions: readonly Option[] = [
  { flags: '--json', description: 'print one JSON object a line (docs/json.md) instead of text' },
  { flags: '--state <dir>', description: 'where the record lives (default: .stowage beside the configuration)' },
  { flags: '-q, --quiet', description: 'print problems only, and what was asked for' },
  { flags: '-v, --verbose', description: 'print everything, also what is usually only counted' },
  {
    flags: '--no-progress',
    description: 'no progress line (there is none anyway when standard error is not a terminal)',
  },
  { flags: '--no-color', description: 'no colour (NO_COLOR does the same)' },
  {
    flags: '--log-file <file>',
    description: 'append a log of this run to a file, with everything that a bug report needs (docs/formats/log.md)',
  },
  { flags: '--debug', description: 'with an error that ends the run, print its stack trace and causes' },
];

export const configArgument: Argument = {
  name: 'config',
  description: "the configuration: a JSON file in HPSSPy's language",
};
export const sectionArgument: Argument = { name: 'section', description: 'the section of the tree to work on' };
