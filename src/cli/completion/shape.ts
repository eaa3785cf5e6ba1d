import { type Argument, type Command, commonOptions, type Option } from '../command.ts';

/** What can stand in one place of a command line. */
export type Values =
  | { readonly kind: 'choices'; readonly words: readonly string[] }
  /** `section`: of the configuration that is already typed. `other`: nothing that could be known. */
  | { readonly kind: 'file' | 'folder' | 'section' | 'other' };

/** An option as shells complete it. */
export interface OptionShape {
  /** With their dashes, as in `-q` and `--quiet`. */
  readonly names: readonly string[];
  readonly description: string;
  /** Absent for one that takes no value. */
  readonly value?: Values;
}

/** A command as shells complete it. */
export interface CommandShape {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionShape[];
  /** What stands first, second, … */
  readonly places: readonly Values[];
  /** What stands behind them, any number of times. */
  readonly rest: Values | undefined;
}

/** The commands of a table, and `help`, as shells complete them. */
export function shapesOf(commands: readonly Command[]): readonly CommandShape[] {
  const names = { kind: 'choices', words: commands.map(({ name }) => name) } as const;
  const help = { name: 'help', summary: 'Print help for a command', options: [], places: [names], rest: undefined };
  return [...commands.map(shapeOf), help];
}

/** What stands before a command, or alone. */
export const ownOptions: readonly OptionShape[] = [
  { names: ['-h', '--help'], description: 'print help' },
  { names: ['-V', '--version'], description: 'print the version' },
];

function shapeOf({ name, summary, arguments: args, options }: Command): CommandShape {
  const last = args.at(-1);
  const places = args.map(argumentValues);
  return {
    name,
    summary,
    options: [...options, ...commonOptions, { flags: '-h, --help', description: 'print help' }].map(optionShape),
    places: last?.many ? places.slice(0, -1) : places,
    rest: last?.many ? places.at(-1) : undefined,
  };
}

function argumentValues({ name, choices }: Argument): Values {
  if (choices !== undefined) return { kind: 'choices', words: choices };
  if (name === 'config') return { kind: 'file' };
  return name === 'section' ? { kind: 'section' } : { kind: 'other' };
}

function optionShape({ flags, description, choices }: Option): OptionShape {
  const names = flags.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g) ?? [];
  const word = /<([^>.]+)[^>]*>/.exec(flags)?.[1];
  if (word === undefined) return { names, description };
  if (choices !== undefined) return { names, description, value: { kind: 'choices', words: choices } };
  const kind = ({ config: 'file', dir: 'folder', file: 'file', section: 'section' } as const)[word] ?? 'other';
  return { names, description, value: { kind } };
}
