import type { Ways } from './pattern-ways.ts';

/** A text that the same part of a pattern can take again and again, in more than one way. */
export interface Loop {
  /** `doubling`: each repetition multiplies the ways; `adding`: each adds some, as where two repeats share a text between them. */
  readonly growth: 'doubling' | 'adding';
  /** The place where it begins and ends. */
  readonly place: number;
  /** The text as numbers of samples. */
  readonly text: readonly number[];
  /** True if there is more than one way from one character to the next, as with a repeat in a repeat. */
  readonly nested: boolean;
  /** All places that its repeats can be at. */
  readonly places: ReadonlySet<number>;
}

/** How many places are tried with one another at most, so that no pattern makes the search itself endless. */
const mostTries = 100_000;

/**
 * The loops of a pattern, the doubling ones first. That a text can be taken in several ways is known; whether an engine tries them all is
 * not, for that needs a text that fails afterwards. Adding loops are found only where nothing must stand between the two repeats.
 */
export function* loopsIn(ways: Ways): Generator<Loop> {
  const tries = { left: mostTries };
  const circles = circlesIn(ways);
  for (const places of circles) {
    for (const place of places) {
      const found = twoWays(ways, place, places, tries);
      if (found !== undefined) yield { growth: 'doubling', place, places, ...found };
    }
  }
  for (const one of circles) {
    for (const other of circles) {
      if (one === other || ![...one].some((from) => [...ways.follow[from]!.keys()].some((to) => other.has(to))))
        continue;
      for (const place of one) {
        for (const next of other) {
          const text = shared(ways, [place, next], [one, other], tries);
          const places = new Set([...one, ...other]);
          if (text !== undefined) yield { growth: 'adding', place, text, nested: false, places };
        }
      }
    }
  }
}

/** Sets of places from each of which all others of the set can be reached again. */
function circlesIn({ follow }: Ways): readonly ReadonlySet<number>[] {
  const reached = follow.map((_, from) => {
    const seen = new Set<number>();
    const open = [from];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const to of follow[at]!.keys()) {
        if (!seen.has(to)) open.push(to);
        seen.add(to);
      }
    }
    return seen;
  });
  const circles: ReadonlySet<number>[] = [];
  for (const [place, seen] of reached.entries()) {
    if (!seen.has(place) || circles.some((circle) => circle.has(place))) continue;
    circles.push(new Set([...seen].filter((other) => reached[other]!.has(place))));
  }
  return circles;
}

/** A text that leads from the place back to it in two ways. */
function twoWays(ways: Ways, start: number, within: ReadonlySet<number>, tries: { left: number }) {
  type At = readonly [number, number, 'same' | 'nested' | 'apart'];
  return search<At, { text: readonly number[]; nested: boolean }>(
    [start, start, 'same'],
    tries,
    function* ([one, other, so]) {
      for (const [to, count] of ways.follow[one]!) {
        if (!within.has(to)) continue;
        for (const otherTo of ways.follow[other]!.keys()) {
          if (!within.has(otherTo)) continue;
          const next = so !== 'same' ? so : to !== otherTo ? 'apart' : count > 1 ? 'nested' : 'same';
          const sample = common(ways, to, otherTo);
          if (sample !== undefined) yield [[to, otherTo, next], sample];
        }
      }
    },
    ([one, other, so], text) =>
      one === start && other === start && so !== 'same' ? { text, nested: so === 'nested' } : undefined,
  );
}

/** A text that leads from the first place back to it, from the second back to it, and from the first to the second. */
function shared(
  ways: Ways,
  [place, next]: readonly [number, number],
  [one, other]: readonly [ReadonlySet<number>, ReadonlySet<number>],
  tries: { left: number },
): readonly number[] | undefined {
  type At = readonly [number, number, number];
  return search<At, readonly number[]>(
    [place, place, next],
    tries,
    function* ([first, middle, last]) {
      for (const a of ways.follow[first]!.keys()) {
        if (!one.has(a)) continue;
        for (const b of ways.follow[middle]!.keys()) {
          if (!one.has(b) && !other.has(b)) continue;
          for (const c of ways.follow[last]!.keys()) {
            const sample = other.has(c) ? common(ways, a, b, c) : undefined;
            if (sample !== undefined) yield [[a, b, c], sample];
          }
        }
      }
    },
    ([first, middle, last], text) => (first === place && middle === next && last === next ? text : undefined),
  );
}

/** The shortest way from a start to where `found` gives something, breadth first. */
function search<At extends readonly unknown[], Found>(
  start: At,
  tries: { left: number },
  next: (at: At) => Iterable<readonly [At, number]>,
  found: (at: At, text: readonly number[]) => Found | undefined,
): Found | undefined {
  const seen = new Set<string>();
  const open: (readonly [At, readonly number[]])[] = [[start, []]];
  for (const [at, text] of open) {
    for (const [to, sample] of next(at)) {
      tries.left -= 1;
      if (tries.left < 0) return undefined;
      const key = to.join();
      if (seen.has(key)) continue;
      seen.add(key);
      const longer = [...text, sample];
      const result = found(to, longer);
      if (result !== undefined) return result;
      open.push([to, longer]);
    }
  }
  return undefined;
}

/** The first sample that all of the places take. */
function common({ takes }: Ways, first: number, ...others: readonly number[]): number | undefined {
  for (const sample of takes[first]!) if (others.every((other) => takes[other]!.has(sample))) return sample;
  return undefined;
}
