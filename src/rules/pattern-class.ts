import { readEscape, single } from './pattern-escape.ts';
import { lengthOf, type PatternReader } from './pattern-reader.ts';
import type { ClassItem } from './pattern-tree.ts';

/** A character class as it is written. */
export interface WrittenClass {
  readonly negated: boolean;
  readonly items: readonly ClassItem[];
}

/** The character class whose `[` was just taken. A `]` that stands first is a literal, as in POSIX. */
export function readClass(reader: PatternReader, ascii: boolean): WrittenClass {
  const start = reader.position() - 1;
  const items: ClassItem[] = [];
  const negated = reader.takeIf('^');
  const next = () => {
    const token = reader.take();
    if (token === undefined) throw reader.error('unterminated character set', reader.position() - start);
    return token;
  };
  const itemFor = (token: string): ClassItem =>
    token.startsWith('\\') ? readEscape(reader, token, 'class', ascii) : single(token.codePointAt(0)!);
  for (;;) {
    const token = next();
    if (token === ']' && items.length > 0) break;
    const from = itemFor(token);
    if (!reader.takeIf('-')) {
      items.push(from);
      continue;
    }
    const last = next();
    if (last === ']') {
      items.push(from, single(0x2d));
      break;
    }
    const to = itemFor(last);
    if (from.kind !== 'range' || to.kind !== 'range' || to.from < from.from) {
      // The tokens alone: `\x41` counts as two, as in Python.
      throw reader.error(`bad character range ${token}-${last}`, lengthOf(`${token}-${last}`));
    }
    items.push({ kind: 'range', from: from.from, to: to.from });
  }
  return { negated, items };
}
