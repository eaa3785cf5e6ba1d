import { refused, rejected } from './pattern-error.ts';
import type { PatternReader } from './pattern-reader.ts';
import type { PatternNode, RepeatNode } from './pattern-tree.ts';

/** Python's MAXREPEAT on every machine of today. */
const tooMany = 4294967295;

/**
 * The repeat that a quantifier, just taken, makes of the item before it; undefined for a `{` that Python takes as a
 * literal because no bounds follow.
 */
export function readRepeat(
  reader: PatternReader,
  token: string,
  item: PatternNode | undefined,
): RepeatNode | undefined {
  const position = reader.position() - 1;
  const bounds = readBounds(reader, token);
  if (bounds === undefined) return undefined;
  if (item === undefined || item.kind === 'start' || item.kind === 'end') {
    throw rejected(reader.text, 'nothing to repeat', position);
  }
  if (item.kind === 'repeat') throw rejected(reader.text, 'multiple repeat', position);
  const lazy = reader.takeIf('?');
  if (!lazy && reader.peek() === '+') throw refused(reader.text, `possessive quantifier '${token}+'`, position);
  return { kind: 'repeat', body: item, ...bounds, lazy, position };
}

function readBounds(reader: PatternReader, token: string): { min: number; max: number } | undefined {
  if (token === '?') return { min: 0, max: 1 };
  if (token !== '{') return { min: token === '+' ? 1 : 0, max: Number.POSITIVE_INFINITY };
  const inside = reader.position();
  if (reader.peek() === '}') return undefined;
  const low = reader.takeDigits();
  const high = reader.takeIf(',') ? reader.takeDigits() : low;
  if (!reader.takeIf('}')) {
    reader.rewind(inside);
    return undefined;
  }
  const min = low === '' ? 0 : Number(low);
  const max = high === '' ? Number.POSITIVE_INFINITY : Number(high);
  if (min >= tooMany || (high !== '' && max >= tooMany)) {
    throw rejected(reader.text, 'the repetition number is too large', inside);
  }
  if (max < min) throw rejected(reader.text, 'min repeat greater than max repeat', inside);
  return { min, max };
}
