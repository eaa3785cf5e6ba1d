import type { GridSession } from '../../grid/connect.ts';
import type { Environment } from '../../grid/environment.ts';
import type { Places } from '../../grid/places.ts';
import type { Outcome } from './outcome.ts';
import type { PromptSettings } from './prompt.ts';

/** Where a line can be written over. */
export interface TerminalLine {
  write(text: string): void;
  columns(): number;
}

/** What the commands of one run share. */
export interface Context {
  readonly env: Environment;
  readonly places: Places;
  /** The session, made at the first call. */
  session(): Promise<GridSession>;
  /** The session if there is one already. */
  readonly openSession: GridSession | undefined;
  /** Sends a command as a user gave it: our own way of asking for keys and messages is added. */
  server(command: string, args: readonly string[]): Promise<Outcome>;
  /** Runs another line, as if it had been typed. */
  run(line: string): Promise<number>;
  /** Ends what is under way. */
  readonly signal: AbortSignal | undefined;
  /** Gives up what is still brought to its end after that. Undefined where a second signal ends the process. */
  readonly hurry: AbortSignal | undefined;
  /** Says a line to whoever looks at the terminal. */
  tell(text: string): void;
  /** Prints a line of what was asked for, as it comes; not with -json, where only the outcome is printed. */
  print(text: string): void;
  /** The terminal that is looked at, if output and messages both go to one. */
  readonly terminal: TerminalLine | undefined;
  /** A further session, as from another site; whoever asked for it closes it. */
  sessionAt(site: string): Promise<GridSession>;
  /** Replies as JSON. */
  readonly json: boolean;
  /** True where what is printed goes into a program. */
  readonly piped: boolean;
  /** True while a person types. */
  readonly interactive: boolean;
  /** Exit status of the command before; undefined if there was none. */
  readonly lastStatus: number | undefined;
  /** Set to end the shell after this command. */
  ending: number | undefined;
  readonly prompt: PromptSettings;
  /** The directory before the last `cd`, for `cd -`. */
  previousDirectory: string | undefined;
  /** Directories of pushd, the newest first, without the present one. */
  readonly stack: string[];
  /** Is told after the server's working directory was changed. */
  moved(directory: string): Promise<void>;
  /** Lends the terminal to another program while the step runs. */
  readonly lendTerminal: <T>(step: () => Promise<T>) => Promise<T>;
  /** The table that our own commands stand in. */
  readonly own: OwnCommands;
  readonly askPassphrase: ((name: string) => Promise<string>) | undefined;
}

/** A command that this client does itself. */
export interface ClientCommand {
  readonly name: string;
  readonly summary: string;
  /** What can follow the name, and what each means: lines for `help NAME`. */
  readonly usage: readonly string[];
  /** What follows the name is another command line: `-h` and the like are ours only directly behind it. */
  readonly isPassedOn?: boolean;
  run(context: Context, args: readonly string[]): Promise<Outcome>;
}

/** The table of our own commands. */
export interface OwnCommands {
  readonly names: readonly string[];
  /** Undefined for a name that is left to the server. */
  find(name: string): Promise<ClientCommand | undefined>;
  all(): Promise<readonly ClientCommand[]>;
}
