import { StowageError } from '../../../errors.ts';
import type { CopyOptions } from '../../../grid/copy/copy-options.ts';
import { type FileFilters, fileFilters } from '../find-filter.ts';
import { copyFlag } from './copy-flags.ts';

/** A source and where it goes, as they were typed. */
export interface CopyPair {
  readonly source: string;
  readonly destination: string;
  /** True if the destination is a directory whatever is there. */
  readonly isInto: boolean;
}

/** What a command line of cp asks for. */
export interface CopyLine {
  readonly pairs: readonly CopyPair[];
  /** Files whose lines name more pairs. */
  readonly lists: readonly string[];
  /** With -dst: where the sources of such lines go. */
  readonly into: string | undefined;
  /** What was asked for; the rest has its defaults. */
  readonly options: Omit<CopyOptions, 'signal'>;
  readonly filters: FileFilters;
  /** Options for a find of the server. */
  readonly server: readonly string[];
  readonly most: number | undefined;
  readonly skip: number;
  readonly parent: number | undefined;
  readonly rmprefix: number | undefined;
  readonly site: string | undefined;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  /** What a user should know of the options. */
  readonly told: readonly string[];
}

/** Reads a command line of cp. Throws `usage` with errno 22 for what it cannot be, and 38 for what is not done here. */
export function readCopyLine(args: readonly string[]): CopyLine {
  const filters = fileFilters('cp');
  const given = new Map<string, string>();
  const lists: string[] = [];
  const names: string[] = [];
  const told: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    const name = arg.replace(/^--(?=.)/, '-');
    const value = (): string => {
      at += 1;
      if (args[at] === undefined) throw bad(`${arg} needs a value`);
      return args[at]!;
    };
    if (arg === '--') {
      names.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') names.push(arg);
    else if (filters.knows(name)) filters.take(name, value());
    else {
      const flag = copyFlag(name);
      if (flag === undefined) throw bad(`there is no option ${arg}`);
      if (flag.kind === 'refused') throw notDone(`${arg} is not done: ${flag.says}`);
      if (flag.kind === 'told') told.push(`${arg} changes nothing: ${flag.says}`);
      const key = flag.names[0]!;
      const text = flag.value === undefined ? '' : value();
      if (key === '-input') lists.push(text);
      else given.set(key, text);
    }
  }
  const number = (key: string, least: number, most = Number.MAX_SAFE_INTEGER) =>
    given.has(key) ? wholeNumber(key, given.get(key)!, least, most) : undefined;
  const parent = number('-parent', 0);
  const rmprefix = number('-rmprefix', 0);
  if (parent !== undefined && rmprefix !== undefined) throw bad('-parent and -rmprefix cannot be used together');
  const into = given.get('-dst');
  return {
    pairs: pairsOf(names, into, lists.length > 0),
    lists,
    into,
    options: optionsOf(given, number, told),
    filters,
    server: ['-j', '-e'].flatMap((key) => (given.has(key) ? [key, given.get(key)!] : [])),
    most: number('-l', 0),
    skip: number('-o', 0) ?? 0,
    parent,
    rmprefix,
    site: given.get('-site'),
    dryRun: given.has('-dryrun'),
    verbose: given.has('-v'),
    told,
  };
}

function optionsOf(
  given: ReadonlyMap<string, string>,
  number: (key: string, least: number, most?: number) => number | undefined,
  told: string[],
): Omit<CopyOptions, 'signal'> {
  const retries = number('-retry', 0, 100);
  if (given.has('-norecovery') && retries !== undefined && retries > 0) {
    told.push('-norecovery counts more than -retry: nothing is tried twice');
  }
  return withoutAbsent({
    existing: given.has('-f') ? ('md5' as const) : given.has('-fastcheck') ? ('size and time' as const) : undefined,
    jobs: number('-T', 1, 500),
    streams: number('-S', 1, 15),
    sources: number('-y', 1, 100),
    chunks: number('-chunks', 1, 255),
    chunkBytes: given.has('-chunksz') ? bytesOf('-chunksz', given.get('-chunksz')!) : undefined,
    // As in the original, 0 is no limit.
    timeoutSeconds: number('-timeout', 0) || undefined,
    retries: given.has('-norecovery') ? 0 : retries,
    bytesPerSecondAtLeast: number('-ratethreshold', 0) || undefined,
    strict: given.has('-strictspec') || undefined,
    unpackHere: given.has('-noxrdzip') || undefined,
  });
}

function pairsOf(names: readonly string[], into: string | undefined, hasLists: boolean): readonly CopyPair[] {
  if (into !== undefined) {
    if (names.length === 0 && !hasLists) throw bad('-dst needs what is to go there');
    return names.map((source) => ({ source, destination: into, isInto: true }));
  }
  if (names.length === 0 && hasLists) return [];
  const [source, destination, more] = names;
  if (source === undefined || destination === undefined) throw bad('name a source and a destination');
  if (more !== undefined) throw bad(`'${more}' is one name too many; several go by cp -dst DIR SOURCE...`);
  return [{ source, destination, isInto: false }];
}

/** A length in bytes, with K, M or G for powers of 1024; a request of XRootD has 31 bits for it. */
export function bytesOf(option: string, text: string): number {
  const [, digits, unit] = /^(\d+)([kmg]?)$/i.exec(text) ?? [];
  const bytes = digits === undefined ? Number.NaN : Number(digits) * 1024 ** ' kmg'.indexOf(unit!.toLowerCase() || ' ');
  if (!(bytes >= 4096 && bytes <= 1 << 30))
    throw bad(`${option}: '${text}' is no length from 4096 to 1073741824 bytes`);
  return bytes;
}

/** A whole number between bounds. Throws `usage`. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  throw bad(`${option}: '${text}' is not a whole number, ${bounds}`);
}

/** The same without what is undefined. */
export function withoutAbsent<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function bad(what: string): StowageError {
  return new StowageError('usage', `cp: ${what}`, { hint: 'help cp', facts: { errno: 22 } });
}

function notDone(what: string): StowageError {
  return new StowageError('usage', `cp: ${what}`, { facts: { errno: 38 } });
}
