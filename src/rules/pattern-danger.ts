import { runMatcher } from './matcher.ts';
import { matcherProgram, type Program } from './matcher-program.ts';
import { type Loop, loopsIn } from './pattern-loops.ts';
import { childrenOf, type PatternNode } from './pattern-tree.ts';
import { type Ways, waysThrough } from './pattern-ways.ts';

/** Names on which a pattern needs far more steps than they have characters. */
export interface PatternDanger {
  /** `endless`: a few more characters double the steps; `square`: they grow with the square of the length, or a higher power. */
  readonly growth: 'endless' | 'square';
  /** True if the reason is a repeat directly inside a repeat. */
  readonly nested: boolean;
  /** Such a name: the steps that it needs grow with `times`. */
  attack(times: number): string;
}

/**
 * Whether a pattern backtracks without end, in Python's `re` and here: by a repeat inside a repeat, by alternatives in a repeat that match the
 * same text, or, less bad, by two repeats next to each other. Not every dangerous pattern is found, but whatever is found was tried
 * on our own matcher, which follows Python's order, and its steps were counted. Slashes and newlines alone make no `square`: paths have few.
 */
export function patternDanger(tree: PatternNode, groups: number): PatternDanger | undefined {
  const ways = repeatsIn(tree) < 2 ? undefined : waysThrough(tree);
  if (ways === undefined) return undefined;
  const program = matcherProgram(tree, groups);
  let worst: PatternDanger | undefined;
  let looked = 0;
  for (const loop of loopsIn(ways)) {
    looked += 1;
    if (looked > mostLoops || (loop.growth === 'adding' && worst !== undefined)) break;
    for (const attack of attacksOn(ways, loop)) {
      const growth = growthOf(program, attack, loop.growth);
      if (growth !== undefined) worst = { growth, nested: loop.nested, attack };
      if (growth === 'endless') return worst;
    }
  }
  return worst;
}

/** How many unbounded repeats there are; one of more than a character counts as two, and so does one that is itself repeated. Below two there is nothing to look for. */
function repeatsIn(node: PatternNode): number {
  const inside = childrenOf(node).reduce((sum, child) => sum + repeatsIn(child), 0);
  if (node.kind !== 'repeat') return inside;
  if (node.max !== Number.POSITIVE_INFINITY) return node.max > 1 ? inside * 2 : inside;
  return inside + (['literal', 'any', 'class'].includes(node.body.kind) ? 1 : 2);
}

const mostLoops = 50;
const mostSteps = 100_000;

/** Names that lead to the loop, go round in it, and then hold what hardly fits. */
function* attacksOn(ways: Ways, { place, text, places, growth }: Loop): Generator<(times: number) => string> {
  const spell = (samples: readonly number[]) => String.fromCodePoint(...samples.map((one) => ways.samples[one]!));
  const start = wayTo(ways, place);
  if (start === undefined) return;
  const round = spell(text);
  if (growth === 'adding' && /^[/\n]+$/.test(round)) return;
  const strangers = [...ways.samples.keys()].filter((one) => ![...places].some((other) => ways.takes[other]!.has(one)));
  const ends = [
    '',
    ...strangers.slice(0, 3).map((one) => spell([one])),
    '!',
    '/',
    ...(growth === 'adding' ? [] : ['\n\n']),
  ];
  for (const end of ends) {
    if (growth === 'adding' && end === '\n') continue;
    yield (times) => `${spell(start)}${round.repeat(times)}${end}`;
  }
}

/** How the steps grow, as seen; undefined where they grow with the length. */
function growthOf(
  program: Program,
  attack: (times: number) => string,
  expected: Loop['growth'],
): PatternDanger['growth'] | undefined {
  const steps = (times: number) => stepsOf(program, attack(times));
  if (expected === 'doubling' && isOver(steps(9), steps(18), 16)) return 'endless';
  return isOver(steps(40), steps(80), 3) ? 'square' : undefined;
}

function isOver(fewer: number, more: number, ratio: number): boolean {
  return fewer >= mostSteps || more >= Math.min(mostSteps, ratio * fewer);
}

function stepsOf(program: Program, input: string): number {
  const budget = { left: mostSteps };
  runMatcher(program, input, 0, false, budget);
  return mostSteps - budget.left;
}

/** A shortest text that leads to a place, as numbers of samples. */
function wayTo({ first, follow, takes }: Ways, place: number): readonly number[] | undefined {
  const seen = new Set<number>();
  const open = [...first.keys()].map((at) => ({ at, text: [] as readonly number[] }));
  for (const { at, text } of open) {
    if (seen.has(at)) continue;
    seen.add(at);
    const [sample] = takes[at]!;
    if (sample === undefined) continue;
    const longer = [...text, sample];
    if (at === place) return longer;
    for (const to of follow[at]!.keys()) open.push({ at: to, text: longer });
  }
  return undefined;
}
