import type { Entry } from './catalogue.ts';
import { absolute } from './lfn.ts';
import { type OptionShape, type Parsed, parseOptions } from './options.ts';
import type { Reply } from './reply.ts';
import type { Session, World } from './world.ts';

/** What a command gets to work with. */
export interface Call {
  readonly name: string;
  readonly world: World;
  readonly session: Session;
  readonly options: Parsed;
  readonly args: readonly string[];
  readonly reply: Reply;
  /** Runs another command of the server into the same reply. */
  readonly other: (name: string, args: readonly string[]) => void | Promise<void>;
  /** The absolute form of an LFN that was given. */
  path(given: string): string;
  /** What is there, if anything. */
  entry(given: string): Entry | undefined;
}

/** A command of the server. */
export interface ServerCommand {
  readonly shape?: OptionShape;
  /** Printed by `-h` and where an argument is missing. */
  readonly usage: string;
  /** How many arguments it must have at least. */
  readonly least?: number;
  /** Not listed by `commandlist`. */
  readonly hidden?: boolean;
  run(call: Call): void | Promise<void>;
}

/** Makes the call; throws `BadOption` for an option that the command does not know. */
export function callOf(
  name: string,
  command: ServerCommand,
  args: readonly string[],
  { world, session, reply, other }: Pick<Call, 'world' | 'session' | 'reply' | 'other'>,
): Call {
  const options = parseOptions(args, command.shape ?? {});
  const path = (given: string): string => absolute(given, session.cwd, session.home);
  return {
    name,
    world,
    session,
    reply,
    other,
    options,
    args: options.rest,
    path,
    entry: (given) => world.catalogue.get(path(given)),
  };
}

/** The text of `-h`: a blank line, the usage, and a line for each option. */
export function usage(line: string, ...options: readonly (readonly [string, string])[]): string {
  if (options.length === 0) return `usage: ${line}`;
  const lines = options.map(([name, text]) => `${' '.repeat(20)}${name.padEnd(23)}:  ${text}`);
  return `\nusage: ${line}\n\noptions:\n${lines.join('\n')}`;
}
