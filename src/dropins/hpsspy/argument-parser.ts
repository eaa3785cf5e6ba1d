/** One option of a command line that Python's `argparse` would read. */
export interface ParserOption {
  readonly short: string;
  readonly long: string;
  /** What its value is called; absent for a switch. */
  readonly value?: string;
  /** Reads the value; undefined for one that cannot be. `type` is Python's name for what it should be. */
  readonly read?: (text: string) => unknown;
  readonly type?: string;
}

/** What a command line says: the values of the options that it has, and its positional arguments. */
export interface ParsedArguments {
  /** By long name. A switch is true. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly positionals: readonly string[];
}

/** Why a command line is wrong, in argparse's words. */
export interface ArgumentFault {
  readonly fault: string;
}

interface Found {
  readonly option: ParserOption;
  /** As it was written. */
  readonly name: string;
  readonly attached: string | undefined;
}

const negativeNumber = /^-\d+$|^-\d*\.\d+$/;

/**
 * Reads a command line as Python 3.11's `argparse` does: long options may be cut short while they are unambiguous, a value may follow after a
 * blank, `=` or, for a short option, at once; switches may stand together; `--` ends the options. The first of `first` ends the reading: help, version.
 */
export function parseArguments(
  argv: readonly string[],
  options: readonly ParserOption[],
  names: readonly string[],
  first: readonly string[],
): ParsedArguments | ArgumentFault {
  const values = new Map<string, unknown>();
  const positionals: string[] = [];
  const unknown: string[] = [];
  let onlyPositionals = false;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    if (!onlyPositionals && word === '--') {
      onlyPositionals = true;
      continue;
    }
    const found = onlyPositionals ? undefined : optionOf(word, options);
    if (found === undefined) {
      (positionals.length < names.length ? positionals : unknown).push(word);
      continue;
    }
    if ('fault' in found) return found;
    if (found.option === undefined) {
      unknown.push(word);
      continue;
    }
    let { option, name, attached } = found as Found;
    while (option.value === undefined) {
      if (attached !== undefined && isLong(name)) return wrong(option, `ignored explicit argument '${attached}'`);
      const next = attached === undefined ? undefined : options.find((one) => one.short === `-${attached![0]}`);
      if (attached !== undefined && next === undefined) {
        return wrong(option, `ignored explicit argument '${attached}'`);
      }
      values.set(option.long, true);
      if (first.includes(option.long)) return { values, positionals };
      if (next === undefined) break;
      name = next.short;
      option = next;
      attached = attached!.slice(1) === '' ? undefined : attached!.slice(1);
    }
    if (option.value === undefined) continue;
    if (attached === undefined) {
      const next = argv[at + 1];
      if (next === undefined || isOptionLike(next, options)) return wrong(option, 'expected one argument');
      attached = next;
      at += 1;
    }
    const value = option.read === undefined ? attached : option.read(attached);
    if (value === undefined) return wrong(option, `invalid ${option.type} value: ${quoted(attached)}`);
    values.set(option.long, value);
  }
  const absent = names.slice(positionals.length);
  if (absent.length > 0) return { fault: `the following arguments are required: ${absent.join(', ')}` };
  return unknown.length > 0 ? { fault: `unrecognized arguments: ${unknown.join(' ')}` } : { values, positionals };
}

function isLong(name: string): boolean {
  return name.startsWith('--');
}

/** Undefined for a positional argument; with an undefined `option` for one that looks like an option and is none. */
function optionOf(
  word: string,
  options: readonly ParserOption[],
): Found | ArgumentFault | { readonly option: undefined } | undefined {
  if (!word.startsWith('-') || word === '-') return undefined;
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  const exact = options.find((one) => one.short === word || one.long === word);
  if (exact !== undefined) return { option: exact, name: word, attached: undefined };
  const before = value === undefined ? undefined : options.find((one) => one.short === name || one.long === name);
  if (before !== undefined) return { option: before, name, attached: value };
  if (isLong(word)) {
    const meant = options.filter((one) => one.long.startsWith(name));
    if (meant.length > 1) {
      const all = meant.map((one) => one.long).join(', ');
      return { fault: `ambiguous option: ${word} could match ${all}` };
    }
    if (meant.length === 1) return { option: meant[0]!, name: meant[0]!.long, attached: value };
  } else {
    const short = options.find((one) => one.short === word.slice(0, 2));
    if (short !== undefined) return { option: short, name: short.short, attached: word.slice(2) };
  }
  if (negativeNumber.test(word) || word.includes(' ')) return undefined;
  return { option: undefined };
}

function isOptionLike(word: string, options: readonly ParserOption[]): boolean {
  return word === '--' || optionOf(word, options) !== undefined;
}

function wrong({ short, long }: ParserOption, what: string): ArgumentFault {
  return { fault: `argument ${short}/${long}: ${what}` };
}

/** As Python shows a text. */
function quoted(text: string): string {
  return text.includes("'") && !text.includes('"')
    ? `"${text}"`
    : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
