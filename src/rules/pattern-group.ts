import { type FlagChange, isFlag, readFlags } from './pattern-flags.ts';
import { lengthOf, type PatternReader } from './pattern-reader.ts';
import { isIdentifier, quoted } from './python-literal.ts';

/** What a `(` turns out to open, or, for the last three, to be. */
export type Opening =
  | { readonly kind: 'capturing'; readonly name: string | undefined }
  | { readonly kind: 'plain'; readonly flags: FlagChange | undefined }
  | { readonly kind: 'atomic' }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negated: boolean }
  /** The number or name of the group it depends on, as it is written. */
  | { readonly kind: 'conditional'; readonly group: string }
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'flags'; readonly flags: FlagChange }
  | { readonly kind: 'comment' };

/** Reads what follows a `(` that was just taken, up to where the content begins. */
export function readOpening(reader: PatternReader): Opening {
  const start = reader.position() - 1;
  if (!reader.takeIf('?')) return { kind: 'capturing', name: undefined };
  const token = letter(reader);
  switch (token) {
    case 'P':
      return namedOpening(reader);
    case ':':
      return { kind: 'plain', flags: undefined };
    case '>':
      return { kind: 'atomic' };
    case '=':
    case '!':
      return { kind: 'look', behind: false, negated: token === '!' };
    case '<': {
      const after = letter(reader);
      if (after === '=' || after === '!') return { kind: 'look', behind: true, negated: after === '!' };
      throw reader.error(`unknown extension ?<${after}`, lengthOf(after) + 2);
    }
    case '(':
      return { kind: 'conditional', group: reader.takeUntil(')', 'group name') };
    case '#':
      return comment(reader, start);
  }
  if (token !== '-' && !isFlag(token)) throw reader.error(`unknown extension ?${token}`, lengthOf(token) + 1);
  const flags = readFlags(reader, token);
  return flags.global ? { kind: 'flags', flags } : { kind: 'plain', flags };
}

/** Throws unless it can be the name of a group; the name and one character after it were just taken. */
export function checkName(reader: PatternReader, name: string): void {
  if (!isIdentifier(name)) throw reader.error(`bad character in group name ${quoted(name)}`, lengthOf(name) + 1);
}

function namedOpening(reader: PatternReader): Opening {
  const defines = reader.takeIf('<');
  if (!defines && !reader.takeIf('=')) {
    const after = letter(reader);
    throw reader.error(`unknown extension ?P${after}`, lengthOf(after) + 2);
  }
  const name = reader.takeUntil(defines ? '>' : ')', 'group name');
  checkName(reader, name);
  return defines ? { kind: 'capturing', name } : { kind: 'reference', name };
}

function comment(reader: PatternReader, start: number): Opening {
  for (let token = reader.take(); token !== ')'; token = reader.take()) {
    if (token === undefined) throw reader.error('missing ), unterminated comment', reader.position() - start);
  }
  return { kind: 'comment' };
}

function letter(reader: PatternReader): string {
  const token = reader.take();
  if (token === undefined) throw reader.error('unexpected end of pattern');
  return token;
}
