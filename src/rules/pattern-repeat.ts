import type { PatternReader } from './pattern-reader.ts';
import type { PatternNode, RepeatNode } from './pattern-tree.ts';

/** Python's MAXREPEAT on every machine of today. */
export const tooMany = 4294967295;

/**
 * The repeat that a quantifier, just taken, makes of the item before it; undefined for a `{` that Python takes as a
 * literal because no bounds follow.
 */
export function readRepeat(
  reader: PatternReader,
  token: string,
  item: PatternNode | undefined,
): RepeatNode | undefined {
  const start = reader.position() - 1;
  const bounds = readBounds(reader, token);
  if (bounds === undefined) return undefined;
  const back = reader.position() - start;
  if (item === undefined || item.kind === 'place') throw reader.error('nothing to repeat', back);
  if (item.kind === 'repeat') throw reader.error('multiple repeat', back);
  const mode = reader.takeIf('?') ? 'lazy' : reader.takeIf('+') ? 'possessive' : 'greedy';
  return { kind: 'repeat', body: item, ...bounds, mode };
}

function readBounds(reader: PatternReader, token: string): { min: number; max: number } | undefined {
  if (token === '?') return { min: 0, max: 1 };
  if (token !== '{') return { min: token === '+' ? 1 : 0, max: Number.POSITIVE_INFINITY };
  const inside = reader.position();
  if (reader.peek() === '}') return undefined;
  const low = reader.takeWhile(/^[0-9]$/);
  const high = reader.takeIf(',') ? reader.takeWhile(/^[0-9]$/) : low;
  if (!reader.takeIf('}')) {
    reader.rewind(inside);
    return undefined;
  }
  const min = low === '' ? 0 : Number(low);
  const max = high === '' ? Number.POSITIVE_INFINITY : Number(high);
  const back = reader.position() - inside;
  if (min >= tooMany || (high !== '' && max >= tooMany)) {
    throw reader.error('the repetition number is too large', back);
  }
  if (max < min) throw reader.error('min repeat greater than max repeat', back);
  return { min, max };
}
