import { StowageError } from '../../errors.ts';
import type { GridResult } from '../../grid/reply.ts';

/** What a find is asked for: what the server searches, and which of its finds are kept. */
export interface FindRequest {
  readonly directory: string;
  readonly pattern: string;
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

/** Reads the options of find2, as cp has them too; the directory comes last. Throws `usage` with errno 22. */
export function readFindRequest(args: readonly string[]): FindRequest {
  const tests: Test[] = [];
  const server: string[] = [];
  const selections: string[] = [];
  const rest: string[] = [];
  let pattern = '*';
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    const name = arg.replace(/^--/, '-');
    const value = (): string => {
      const next = args[at + 1];
      if (next === undefined) throw bad(`${arg} needs a value`);
      at += 1;
      return next;
    };
    if (Object.hasOwn(passedOn, name)) server.push(passedOn[name]!, value());
    else if (name === '-glob') {
      selections.push(name);
      pattern = value();
    } else if (name === '-select' || name === '-name') {
      selections.push(name);
      const text = value();
      tests.push(name === '-select' ? onPath(expression(text)) : onName(text));
    } else if (Object.hasOwn(filters, name)) tests.push(filters[name]!(value(), arg));
    else if (['-a', '-s', '-f', '-v', '-r', '-w', '-h'].includes(name)) continue;
    else if (name === '-d') server.push(name);
    else if (arg.startsWith('-')) throw bad(`there is no option ${arg}`);
    else rest.push(arg);
  }
  if (selections.length > 1) throw bad(`${selections.join(' and ')} cannot be used together`);
  const [directory, given, more] = rest;
  if (directory === undefined) throw bad('name a directory');
  if (more !== undefined) throw bad(`'${more}' is one name too many`);
  return {
    directory,
    pattern: given ?? pattern,
    server,
    keeps(found, base) {
      const lfn = String(found.lfn);
      const relative = lfn.startsWith(base) ? lfn.slice(base.length) : lfn;
      return tests.every((test) => test(found, relative));
    },
  };
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
  return new StowageError('usage', `find2: ${what}`, { hint: 'help find2', facts: { errno: 22 } });
}
