import { StowageError } from '../../errors.ts';
import type { GridResult } from '../../grid/reply.ts';

/** What a find is asked for: what the server searches, and which of its finds are kept. */
export interface FindRequest {
  readonly directory: string;
  /** What the names have to match; undefined if nothing was said. */
  readonly pattern: string | undefined;
  /** The filters that were asked for. */
  readonly given: readonly string[];
  /** Options that the server does. */
  readonly server: readonly string[];
  /** `base` is the absolute directory, with `/` at its end. */
  keeps(found: GridResult, base: string): boolean;
}

type Test = (found: GridResult, relative: string) => boolean;

/** Options of the server that take a value. */
const passedOn: Readonly<Record<string, string>> = {
  '-j': '-j',
  '-l': '-l',
  '-o': '-o',
  '-e': '-e',
  '-S': '-S',
  '-site': '-S',
};

/** Which files of a directory are wanted: options are given to it one after the other. */
export interface FileFilters {
  /** True for an option of ours, all of which take a value. */
  knows(option: string): boolean;
  /** Takes up an option. Throws `usage`, with errno 22 or 64. */
  take(option: string, value: string): void;
  /** Options that were taken up, as they were given. */
  readonly given: readonly string[];
  /** What the names have to match in the catalogue's way: `*` if nothing was said. */
  readonly pattern: string | undefined;
  /** The first option that was taken up and asks for what only the catalogue knows. */
  readonly onlyInCatalogue: string | undefined;
  /** `base` is the absolute directory, with `/` at its end. */
  keeps(found: GridResult, base: string): boolean;
}

/** The filters of find2 and cp; `command` is named in errors. */
export function fileFilters(command: string): FileFilters {
  const tests: Test[] = [];
  const given: string[] = [];
  let selection: string | undefined;
  let pattern: string | undefined;
  return {
    given,
    get pattern() {
      return pattern;
    },
    get onlyInCatalogue() {
      return given.find((option) => ['-user', '-group', '-jobid'].includes(option));
    },
    knows: (option) => Object.hasOwn(filters, option) || selections.includes(option),
    take(option, value) {
      given.push(option);
      try {
        if (!selections.includes(option)) return void tests.push(filters[option]!(value, option));
        if (selection !== undefined) throw bad(`${selection} and ${option} cannot be used together`);
        selection = option;
        if (option === '-glob') pattern = value;
        else tests.push(option === '-select' ? onPath(expression(value)) : onName(value));
      } catch (error) {
        throw namingCommand(error, command);
      }
    },
    keeps(found, base) {
      const lfn = String(found.lfn);
      const relative = lfn.startsWith(base) ? lfn.slice(base.length) : lfn;
      return tests.every((test) => test(found, relative));
    },
  };
}

const selections = ['-glob', '-select', '-name'];

/** Reads the options of find2; the directory comes last. Throws `usage` with errno 22. */
export function readFindRequest(args: readonly string[]): FindRequest {
  const wanted = fileFilters('find2');
  const server: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    const name = arg.replace(/^--/, '-');
    const value = (): string => {
      const next = args[at + 1];
      if (next === undefined) throw namingCommand(bad(`${arg} needs a value`), 'find2');
      at += 1;
      return next;
    };
    if (Object.hasOwn(passedOn, name)) server.push(passedOn[name]!, value());
    else if (wanted.knows(name)) wanted.take(name, value());
    else if (['-a', '-s', '-f', '-v', '-r', '-w', '-h'].includes(name)) continue;
    else if (name === '-d') server.push(name);
    else if (arg.startsWith('-')) throw namingCommand(bad(`there is no option ${arg}`), 'find2');
    else rest.push(arg);
  }
  const [directory, given, more] = rest;
  if (directory === undefined) throw namingCommand(bad('name a directory'), 'find2');
  if (more !== undefined) throw namingCommand(bad(`'${more}' is one name too many`), 'find2');
  return { directory, pattern: given ?? wanted.pattern, given: wanted.given, server, keeps: wanted.keeps };
}

const filters: Readonly<Record<string, (value: string, option: string) => Test>> = {
  '-exclude': (text) => (_, relative) => !relative.includes(text),
  '-exclude_re': (text) => {
    const pattern = expression(text);
    return (_, relative) => !pattern.test(relative);
  },
  '-minsize': (text, option) => atLeast('size', wholeNumber(text, option)),
  '-maxsize': (text, option) => atMost('size', wholeNumber(text, option)),
  '-mindepth': (text, option) => {
    const least = wholeNumber(text, option);
    return (_, relative) => depthOf(relative) >= least;
  },
  '-maxdepth': (text, option) => {
    const most = wholeNumber(text, option);
    return (_, relative) => depthOf(relative) <= most;
  },
  '-min-ctime': (text, option) => atLeast('ctime', moment(text, option), inMilliseconds),
  '-max-ctime': (text, option) => atMost('ctime', moment(text, option), inMilliseconds),
  '-user': (text) => (found) => found.owner === text,
  '-group': (text) => (found) => found.gowner === text,
  '-jobid': (text) => (found) => String(found.jobid) === text,
};

function atLeast(key: string, least: number, unit = (value: number) => value): Test {
  return (found) => unit(Number(found[key])) >= least;
}

function atMost(key: string, most: number, unit = (value: number) => value): Test {
  return (found) => unit(Number(found[key])) <= most;
}

function onPath(pattern: RegExp): Test {
  return (found) => pattern.test(String(found.lfn));
}

/** A pattern on the last part; or verbs, each with its text, joined by `_`: `begin_X_contain_Y_ends_Z_ext_root`. */
function onName(text: string): Test {
  const verbs = /^((?:begin|contain|ends|ext)_[^_]+)(?:_((?:begin|contain|ends|ext)_[^_]+))*$/;
  const tests: ((name: string) => boolean)[] = [];
  if (verbs.test(text)) {
    for (const [, verb, wanted] of text.matchAll(/(begin|contain|ends|ext)_([^_]+)/g)) {
      if (verb === 'begin') tests.push((name) => name.startsWith(wanted!));
      else if (verb === 'contain') tests.push((name) => name.includes(wanted!));
      else if (verb === 'ends')
        tests.push((name) => name.replace(/\.[^.]*$/, '').endsWith(wanted!) || name.endsWith(wanted!));
      else tests.push((name) => name.endsWith(`.${wanted}`));
    }
  } else {
    const pattern = expression(text);
    tests.push((name) => pattern.test(name));
  }
  return (found) => {
    const name = String(found.lfn).replace(/\/+$/, '').split('/').at(-1)!;
    return tests.every((test) => test(name));
  };
}

function depthOf(relative: string): number {
  return relative.replace(/\/+$/, '').split('/').length - 1;
}

/** Some servers give seconds. */
function inMilliseconds(value: number): number {
  return value < 1e11 ? value * 1000 : value;
}

/** A time as seconds or milliseconds since 1970, or as `2024-03-01` or `2024-03-01T12:30:00`, in the zone of this machine. */
function moment(text: string, option: string): number {
  if (/^\d+$/.test(text)) return inMilliseconds(Number(text));
  const [, date, time = '00:00:00'] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text) ?? [];
  const at = date === undefined ? Number.NaN : new Date(`${date}T${time}`).getTime();
  if (Number.isNaN(at))
    throw bad(`${option}: '${text}' is no time; write 2024-03-01, 2024-03-01T12:30 or seconds since 1970`);
  return at;
}

function wholeNumber(text: string, option: string): number {
  if (!/^\d+$/.test(text)) throw bad(`${option}: '${text}' is no number`);
  return Number(text);
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (cause) {
    throw new StowageError('usage', `'${text}' is no regular expression`, { facts: { errno: 64 }, cause });
  }
}

function bad(what: string): StowageError {
  return new StowageError('usage', what, { facts: { errno: 22 } });
}

function namingCommand(error: unknown, command: string): unknown {
  if (!(error instanceof StowageError)) return error;
  const { code, message, facts, cause } = error;
  return new StowageError(code, `${command}: ${message}`, { hint: `help ${command}`, facts, cause });
}
