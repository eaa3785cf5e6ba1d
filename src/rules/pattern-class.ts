import { rejected } from './pattern-error.ts';
import { readEscape, single } from './pattern-escape.ts';
import type { PatternReader } from './pattern-reader.ts';
import type { ClassItem, PatternNode } from './pattern-tree.ts';

/** The character class whose `[` was just taken. A `]` that stands first is a literal, as in POSIX. */
export function readClass(reader: PatternReader): PatternNode {
  const start = reader.position() - 1;
  const items: ClassItem[] = [];
  const negated = reader.takeIf('^');
  const next = () => {
    const token = reader.take();
    if (token === undefined) throw rejected(reader.text, 'unterminated character set', start);
    return token;
  };
  for (;;) {
    const at = reader.position();
    const token = next();
    if (token === ']' && items.length > 0) break;
    const from = itemFor(reader, token);
    if (!reader.takeIf('-')) {
      items.push(from);
      continue;
    }
    const last = next();
    if (last === ']') {
      items.push(from, single(0x2d));
      break;
    }
    const to = itemFor(reader, last);
    if (from.kind !== 'range' || to.kind !== 'range' || to.from < from.from) {
      throw rejected(reader.text, `bad character range ${token}-${last}`, at);
    }
    items.push({ kind: 'range', from: from.from, to: to.from });
  }
  return { kind: 'class', negated, items };
}

function itemFor(reader: PatternReader, token: string): ClassItem {
  return token.startsWith('\\') ? readEscape(reader, token, 'class') : single(token.codePointAt(0)!);
}
