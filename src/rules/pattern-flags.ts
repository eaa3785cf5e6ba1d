import { refused } from './pattern-error.ts';
import type { PatternReader } from './pattern-reader.ts';

/** A flag by its letter: ASCII, ignore case, multi-line, dot-all, Unicode, verbose. */
export type Flag = 'a' | 'i' | 'm' | 's' | 'u' | 'x';
/** The flags that hold at some place. */
export type Flags = ReadonlySet<Flag>;

/** What the letters in `(?…)` or `(?…:` say: flags for all of the pattern, or for one group. */
export interface FlagChange {
  readonly global: boolean;
  readonly add: Flags;
  readonly remove: Flags;
}

/** True if the token is a letter of Python's flags. */
export function isFlag(token: string): boolean {
  return /^[aiLmstux]$/.test(token);
}

/** The flags that hold in a group. The kinds of text exclude each other: the inner one counts. */
export function changedFlags(flags: Flags, { add, remove }: FlagChange): Flags {
  const kind = [...add].some(isKindOfText);
  const kept = [...flags].filter((flag) => !(kind && isKindOfText(flag)));
  return new Set([...kept, ...add].filter((flag) => !remove.has(flag)));
}

/** Reads flags whose first letter, or `-`, was just taken, up to and with the `)` or `:` after them. */
export function readFlags(reader: PatternReader, first: string): FlagChange {
  const add = new Set<Flag>();
  let token = first;
  while (!/^[):-]$/.test(token)) {
    add.add(textFlag(reader, token, add));
    token = nextFlag(reader, 'missing -, : or )', /^[):-]$/);
  }
  const remove = new Set<Flag>();
  if (token === ')') return { global: true, add, remove };
  if (token === '-') {
    token = nextFlag(reader, 'missing flag', undefined);
    while (token !== ':') {
      if (/^[aLu]$/.test(token)) throw reader.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
      if (token === 't') throw templateFlag(reader);
      remove.add(token as Flag);
      token = nextFlag(reader, 'missing :', /^:$/);
    }
  }
  if ([...add].some((flag) => remove.has(flag))) throw reader.error('bad inline flags: flag turned on and off', 1);
  return { global: false, add, remove };
}

function nextFlag(reader: PatternReader, missing: string, closing: RegExp | undefined): string {
  const token = reader.take();
  if (token === undefined) throw reader.error(missing);
  if (isFlag(token) || closing?.test(token)) return token;
  throw reader.error(/^\p{L}$/u.test(token) ? 'unknown flag' : missing, token.startsWith('\\') ? 2 : 1);
}

function textFlag(reader: PatternReader, token: string, before: Flags): Flag {
  if (token === 'L') throw reader.error("bad inline flags: cannot use 'L' flag with a str pattern");
  if (token === 't') throw templateFlag(reader);
  const flag = token as Flag;
  if (isKindOfText(flag) && [...before].some((one) => isKindOfText(one) && one !== flag)) {
    throw reader.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
  }
  return flag;
}

function isKindOfText(flag: Flag): boolean {
  return flag === 'a' || flag === 'u';
}

/** Of no use, never documented, and gone in later versions of Python. */
function templateFlag(reader: PatternReader) {
  return refused(reader.text, "flag 't'", reader.position() - 1);
}
