import { StowageError } from '../../errors.ts';

/** A switch of the command line: its letter, its long name, and what its value is called if it takes one. */
interface Switch {
  readonly letter: string;
  readonly long: string;
  readonly value?: string;
  readonly means: string;
}

/** The switches of cback3, in the order of its help. */
export const switches: readonly Switch[] = [
  { letter: 'h', long: 'help', means: 'print this help' },
  { letter: 'V', long: 'version', means: 'print the version' },
  { letter: 'b', long: 'verbose', means: 'print everything that goes to the log, with --debug the details too' },
  { letter: 'q', long: 'quiet', means: 'print nothing, not even errors' },
  { letter: 'c', long: 'config', value: 'path', means: 'the configuration (default: /etc/cback3.conf)' },
  { letter: 'f', long: 'full', means: 'as on the first day of the week: everything, and anew' },
  { letter: 'M', long: 'managed', means: 'do the actions here and on the managed peers' },
  { letter: 'N', long: 'managed-only', means: 'do the actions on the managed peers only' },
  { letter: 'l', long: 'logfile', value: 'path', means: 'the log (default: /var/log/cback3.log)' },
  { letter: 'o', long: 'owner', value: 'user:group', means: 'whom a new log belongs to (default: root:adm)' },
  { letter: 'm', long: 'mode', value: 'mode', means: 'the permissions of a new log, octal (default: 640)' },
  { letter: 'O', long: 'output', means: 'write what other programs say to the log' },
  { letter: 'd', long: 'debug', means: 'write details to the log, and what other programs say' },
  { letter: 's', long: 'stack', means: 'end with a stack trace where an error ends the run' },
  { letter: 'D', long: 'diagnostics', means: 'print what a report of a fault should say' },
];

/** A command line as it was meant. */
export interface Options {
  readonly help: boolean;
  readonly version: boolean;
  readonly diagnostics: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly config: string;
  readonly full: boolean;
  readonly managed: boolean;
  readonly managedOnly: boolean;
  readonly logfile: string;
  readonly owner: { readonly user: string; readonly group: string };
  readonly mode: number;
  readonly output: boolean;
  readonly debug: boolean;
  readonly stack: boolean;
  readonly actions: readonly string[];
}

/** Reads a command line as Python's getopt does: switches come first, long ones may be cut short, of repeated ones the last counts. Throws `usage`. */
export function parseOptions(argv: readonly string[]): Options {
  const given = new Map<string, string>();
  let at = 0;
  const take = (name: string): string => {
    at += 1;
    const value = argv[at];
    if (value === undefined) throw usage(`the switch ${name} needs a value`);
    return value;
  };
  for (; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (word === '--') {
      at += 1;
      break;
    }
    if (word.startsWith('--')) {
      const [, name, value] = /^--([^=]*)(?:=(.*))?$/s.exec(word)!;
      const one = longSwitch(name!);
      if (one.value === undefined && value !== undefined) throw usage(`the switch --${one.long} takes no value`);
      given.set(`--${one.long}`, one.value === undefined ? '' : (value ?? take(word)));
    } else if (/^-./s.test(word)) {
      for (let letter = 1; letter < word.length; letter += 1) {
        const one = switches.find((other) => other.letter === word[letter]);
        if (one === undefined) throw usage(`there is no switch -${word[letter]}`);
        const rest = word.slice(letter + 1);
        given.set(`-${one.letter}`, one.value === undefined ? '' : rest === '' ? take(`-${one.letter}`) : rest);
        if (one.value !== undefined) break;
      }
    } else break;
  }
  const has = (long: string) => switchValue(given, long) !== undefined;
  const options: Options = {
    help: has('help'),
    version: has('version'),
    diagnostics: has('diagnostics'),
    verbose: has('verbose'),
    quiet: has('quiet'),
    config: switchValue(given, 'config') ?? '/etc/cback3.conf',
    full: has('full'),
    managed: has('managed'),
    managedOnly: has('managed-only'),
    logfile: switchValue(given, 'logfile') ?? '/var/log/cback3.log',
    owner: ownerOf(switchValue(given, 'owner') ?? 'root:adm'),
    mode: modeOf(switchValue(given, 'mode') ?? '640'),
    output: has('output') || has('debug'),
    debug: has('debug'),
    stack: has('stack'),
    actions: argv.slice(at),
  };
  if (options.help || options.version || options.diagnostics) return options;
  if (options.managed && options.managedOnly) throw usage('--managed and --managed-only do not go together');
  if (options.actions.length === 0) throw usage('at least one action must be named');
  return options;
}

/** Of a switch in both forms the long one counts. */
function switchValue(given: ReadonlyMap<string, string>, long: string): string | undefined {
  return given.get(`--${long}`) ?? given.get(`-${switches.find((one) => one.long === long)!.letter}`);
}

function longSwitch(name: string): Switch {
  const exact = switches.find((one) => one.long === name);
  const begun = switches.filter((one) => one.long.startsWith(name));
  if (exact !== undefined) return exact;
  if (begun.length === 1 && name !== '') return begun[0]!;
  if (begun.length > 1) throw usage(`--${name} could be ${begun.map((one) => `--${one.long}`).join(' or ')}`);
  throw usage(`there is no switch --${name}`);
}

function ownerOf(text: string): Options['owner'] {
  const [user, group, ...more] = text.split(':');
  if (user && group && more.length === 0) return { user, group };
  throw usage(`'${text}' is no owner: user:group`);
}

function modeOf(text: string): number {
  if (/^(?:0o?)?[0-7]{1,4}$/.test(text)) return Number.parseInt(text.replace(/^0o/, ''), 8);
  throw usage(`'${text}' is no mode: octal digits`);
}

function usage(message: string): StowageError {
  return new StowageError('usage', message);
}
