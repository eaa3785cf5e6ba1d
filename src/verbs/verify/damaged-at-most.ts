/** How sure a statement about a sample is. */
export const confidence = 0.95;

/**
 * How many of `population` archives are damaged at most, with 95% confidence, when `bad` of a random sample of `checked` were: the exact
 * one-sided bound of the hypergeometric distribution. With more damaged ones than that, so few in the sample would be less likely than 5%.
 * A sample of all says it exactly.
 */
export function damagedAtMost(population: number, checked: number, bad: number): number {
  let known = bad;
  let possible = population - (checked - bad);
  while (known < possible) {
    const damaged = known + Math.ceil((possible - known) / 2);
    if (chanceOfAtMost(bad, population, damaged, checked) >= refuted) known = damaged;
    else possible = damaged - 1;
  }
  return known;
}

/** A little less than 5%: where the exact value is just that, rounding must not make the bound smaller than it is. */
const refuted = 1 - confidence - 1e-7;

/** The chance that a sample of `checked` out of `population`, of which `damaged` are damaged, shows no more than `bad` of them. */
function chanceOfAtMost(bad: number, population: number, damaged: number, checked: number): number {
  const first = Math.max(0, checked - (population - damaged));
  const last = Math.min(bad, damaged, checked);
  const all = lnChoose(population, checked);
  let chance = 0;
  for (let shown = first; shown <= last; shown += 1)
    chance += Math.exp(lnChoose(damaged, shown) + lnChoose(population - damaged, checked - shown) - all);
  return chance;
}

function lnChoose(from: number, take: number): number {
  return lnFactorial(from) - lnFactorial(take) - lnFactorial(from - take);
}

/** Stirling's series; what it leaves out is below 1e-11 from 10 on. */
function lnFactorial(n: number): number {
  if (n < 10) return Math.log([1, 1, 2, 6, 24, 120, 720, 5040, 40_320, 362_880][n]!);
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5) - 1 / (1680 * n ** 7);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + series;
}
