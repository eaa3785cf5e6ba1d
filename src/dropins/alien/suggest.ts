import { failed, type Outcome } from './outcome.ts';

/** What to answer to a command that nobody knows: up to three names that are like it. */
export function unknownCommand(name: string, known: readonly string[]): Outcome {
  const near = similar(name, known);
  const hint = near.length === 0 ? 'help lists the commands' : `did you mean: ${near.join(', ')}`;
  return failed(1, `there is no command '${name}'; ${hint}`);
}

/** The names that differ from this one by little, the nearest first, at most three. */
export function similar(name: string, known: readonly string[]): readonly string[] {
  const most = Math.ceil(name.length / 3);
  return [...new Set(known)]
    .map((one) => ({ one, away: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ one, away }) => away <= most || (name.length > 2 && one.toLowerCase().startsWith(name.toLowerCase())))
    .sort((a, b) => a.away - b.away || (a.one < b.one ? -1 : 1))
    .slice(0, 3)
    .map(({ one }) => one);
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
