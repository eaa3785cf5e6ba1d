import { classTest } from './matcher-program.ts';
import { childrenOf, type PatternNode, type RepeatNode } from './pattern-tree.ts';

/**
 * A pattern as the places where it takes a character, and the ways from one to the next. Several ways between the same two places are
 * counted as 2: that there is more than one is what makes a pattern try again. Conditions on places, and what a reference holds, are left out.
 */
export interface Ways {
  /** For each place the samples that it takes, as their numbers. */
  readonly takes: readonly ReadonlySet<number>[];
  /** Code points that tell the places apart, those first that stand in names and are not spelt in the pattern. */
  readonly samples: readonly number[];
  readonly first: Steps;
  readonly follow: readonly Steps[];
}

/** To which places, in how many ways: 1, or 2 for more. */
export type Steps = ReadonlyMap<number, number>;

/** A pattern of more places is written by a program; it is not looked at. */
const mostPlaces = 500;

/** The ways through a pattern; undefined for one that is too large. */
export function waysThrough(tree: PatternNode): Ways | undefined {
  const samples = samplesFor(tree);
  const follow: Map<number, number>[] = [];
  const takes: ReadonlySet<number>[] = [];
  const known = new Map<PatternNode, ReadonlySet<number>>();

  function place(node: PatternNode, test: (codePoint: number) => boolean): Part {
    if (!known.has(node)) known.set(node, new Set(samples.flatMap((one, at) => (test(one) ? [at] : []))));
    const number = takes.push(known.get(node)!) - 1;
    follow.push(new Map());
    return { first: new Map([[number, 1]]), last: new Map([[number, 1]]), empty: 0 };
  }
  function connect(last: Steps, first: Steps): void {
    for (const [from, ways] of last) for (const [to, more] of first) count(follow[from]!, to, ways * more);
  }
  function then(one: Part, next: Part): Part {
    connect(one.last, next.first);
    return {
      first: either(one.first, next.first, one.empty),
      last: either(next.last, one.last, next.empty),
      empty: Math.min(2, one.empty * next.empty),
    };
  }
  function once(node: PatternNode): Part {
    if (takes.length > mostPlaces) return nothing;
    switch (node.kind) {
      case 'literal':
        return place(node, (codePoint) => codePoint === node.codePoint);
      case 'any':
        return place(node, node.newline ? () => true : (codePoint) => codePoint !== newline);
      case 'class':
        return place(node, classTest(node.items, node.negated));
      case 'place':
      case 'reference':
        return nothing;
      case 'look':
        return { ...once(node.body), empty: 1 };
      case 'choice':
      case 'conditional':
        return childrenOf(node).map(once).reduce(alternative);
      case 'repeat':
        return repeated(node);
      default:
        return childrenOf(node).map(once).reduce(then, nothing);
    }
  }
  function repeated({ body, min, max }: RepeatNode): Part {
    if (max === Number.POSITIVE_INFINITY) {
      const start = copies(body, min - 1);
      const loop = once(body);
      connect(loop.last, loop.first);
      return then(start, min === 0 ? { ...loop, empty: 1 } : loop);
    }
    return then(copies(body, min), optional(body, max - min));
  }
  function copies(body: PatternNode, times: number): Part {
    let all = nothing;
    for (let time = 0; time < times && takes.length <= mostPlaces; time += 1) all = then(all, once(body));
    return all;
  }
  /** An optional iteration that is empty is not made. */
  function optional(body: PatternNode, times: number): Part {
    if (times === 0 || takes.length > mostPlaces) return nothing;
    return { ...then({ ...once(body), empty: 0 }, optional(body, times - 1)), empty: 1 };
  }

  const { first } = once(tree);
  return takes.length > mostPlaces ? undefined : { takes, samples, first, follow };
}

/** A part of a pattern: where it begins and ends, and in how many ways it is empty. */
interface Part {
  readonly first: Steps;
  readonly last: Steps;
  readonly empty: number;
}

const nothing: Part = { first: new Map(), last: new Map(), empty: 1 };
const newline = 10;

function alternative(one: Part, other: Part): Part {
  return {
    first: either(one.first, other.first, 1),
    last: either(one.last, other.last, 1),
    empty: Math.min(2, one.empty + other.empty),
  };
}

function either(one: Steps, other: Steps, ways: number): Steps {
  if (ways === 0) return one;
  const all = new Map(one);
  for (const [to, more] of other) count(all, to, more * ways);
  return all;
}

function count(steps: Map<number, number>, to: number, ways: number): void {
  steps.set(to, Math.min(2, (steps.get(to) ?? 0) + ways));
}

/** Letters and digits, then what else stands in names; the bounds of each class; what has been spelt comes later, the newline last. */
function samplesFor(tree: PatternNode): readonly number[] {
  const spelt = new Set<number>();
  const bounds = new Set<number>();
  collect(tree, spelt, bounds);
  const usual = [...'axq05ZMe_-.~!+ é日/'].map((one) => one.codePointAt(0)!);
  const printable = Array.from({ length: 94 }, (_, at) => at + 33);
  const all = [...new Set([...usual, ...printable, ...bounds, 0x660, 0x1f600, 0xdc80, ...spelt])];
  const valid = all.filter((one) => one > 0 && one <= 0x10ffff && one !== newline);
  return [...valid.filter((one) => !spelt.has(one)), ...valid.filter((one) => spelt.has(one)), newline];
}

function collect(node: PatternNode, spelt: Set<number>, bounds: Set<number>): void {
  if (node.kind === 'literal') spelt.add(node.codePoint);
  if (node.kind === 'class') {
    for (const item of node.items) {
      if (item.kind !== 'range') continue;
      for (const one of [item.from, item.to, item.from - 1, item.to + 1]) bounds.add(one);
    }
  }
  for (const child of childrenOf(node)) collect(child, spelt, bounds);
}
