import { homedir } from 'node:os';
import { type ParserOption, parseArguments } from './argument-parser.ts';
import { pythonInteger } from './python-integer.ts';

/** What the command line of `missing_from_hpss` says. */
export interface Options {
  readonly config: string;
  readonly section: string;
  readonly cacheDir: string;
  readonly overwriteDisk: boolean;
  readonly exitOnError: boolean;
  readonly overwriteHpss: boolean;
  /** In GiB. */
  readonly limit: number;
  readonly process: boolean;
  readonly report: number;
  readonly test: boolean;
  readonly verbose: boolean;
}

/** A command line that asks for a text, or that is wrong. */
export interface Answer {
  readonly status: 0 | 2;
  readonly out: string;
  readonly err: string;
}

const program = 'missing_from_hpss';
/** The version of HPSSPy whose command line this is. */
const compatible = '0.7.1';

const table: readonly ParserOption[] = [
  { short: '-h', long: '--help' },
  { short: '-c', long: '--cache-dir', value: 'DIR' },
  { short: '-D', long: '--overwrite-disk' },
  { short: '-E', long: '--exit-on-error' },
  { short: '-H', long: '--overwrite-hpss' },
  { short: '-l', long: '--size-limit', value: 'N', type: 'float', read: pythonFloat },
  { short: '-p', long: '--process' },
  { short: '-r', long: '--report', value: 'N', type: 'int', read: wholeNumber },
  { short: '-t', long: '--test' },
  { short: '-v', long: '--verbose' },
  { short: '-V', long: '--version' },
];

const usage = `usage: ${program} [-h] [-c DIR] [-D] [-E] [-H] [-l N] [-p] [-r N] [-t]
                         [-v] [-V]
                         FILE SECTION
`;

function help(cache: string): string {
  return `${usage}
Verify the presence of files on HPSS.

positional arguments:
  FILE                  Read configuration from FILE.
  SECTION               Read SECTION from the configuration file.

options:
  -h, --help            show this help message and exit
${wrapped(`Write cache files to DIR (Default: ${cache}).`, '-c DIR, --cache-dir DIR')}
  -D, --overwrite-disk  Ignore any existing disk cache files.
  -E, --exit-on-error   Exit if an error is detected in the file analysis
                        stages.
  -H, --overwrite-hpss  Ignore any existing HPSS cache files.
  -l N, --size-limit N  Do not allow archive files larger than N GB (Default:
                        1024.0 GB).
  -p, --process         Process the list of missing files to produce HPSS
                        commands.
  -r N, --report N      Print an informational message after every N files
                        (Default: 10000).
  -t, --test            Test mode. Try not to make any changes.
  -v, --verbose         Increase verbosity. Increase it a lot.
  -V, --version         show program's version number and exit
`;
}

/** Reads the command line (without the program's name) as HPSSPy does; `version` is Stowage's. */
export function options(
  argv: readonly string[],
  version: string,
  home = process.env.HOME ?? homedir(),
): Options | Answer {
  const cache = `${home.replace(/(?<=.)\/+$/, '')}/cache`;
  const parsed = parseArguments(argv, table, ['FILE', 'SECTION'], ['--help', '--version']);
  if ('fault' in parsed) return refused(parsed.fault);
  const { values, positionals } = parsed;
  if (values.has('--help')) return { status: 0, out: help(cache), err: '' };
  if (values.has('--version')) return { status: 0, out: `${program} ${compatible} (stowage ${version})\n`, err: '' };
  const [config, section] = positionals as [string, string];
  const report = Number(values.get('--report') ?? 10_000);
  if (report < 1) return refused('argument -r/--report: it must be above 0');
  return {
    config,
    section,
    cacheDir: String(values.get('--cache-dir') ?? cache),
    overwriteDisk: values.has('--overwrite-disk'),
    exitOnError: values.has('--exit-on-error'),
    overwriteHpss: values.has('--overwrite-hpss'),
    limit: Number(values.get('--size-limit') ?? 1024),
    process: values.has('--process'),
    report,
    test: values.has('--test'),
    verbose: values.has('--verbose'),
  };
}

function refused(fault: string): Answer {
  return { status: 2, out: '', err: `${usage}${program}: error: ${fault}\n` };
}

/** A line of the help, broken as argparse breaks it where nobody says how wide the screen is. */
function wrapped(text: string, head: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 54) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return [`  ${head}`, ...lines.map((one) => `${' '.repeat(24)}${one}`)].join('\n');
}

function wholeNumber(text: string): number | undefined {
  const value = pythonInteger(text);
  return value === undefined ? undefined : Number(value);
}

/** What Python's `float` makes of a text. */
function pythonFloat(text: string): number | undefined {
  const plain = text.trim().replace(/(?<=\d)_(?=\d)/g, '');
  const named = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(plain);
  if (named !== null) return named[2]!.toLowerCase() === 'nan' ? Number.NaN : Number(`${named[1]}Infinity`);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}
