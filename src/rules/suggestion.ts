/** The known word that was probably meant: the nearest one at most two edits away, letter case aside; undefined if none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = 3;
  for (const candidate of known) {
    // A short word is two edits away from almost any other.
    const distance = Math.min(editDistance(word.toLowerCase(), candidate.toLowerCase()), 3);
    if (distance < least && distance * 2 < candidate.length) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/** The number of letters to insert, delete or change. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return 3;
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
