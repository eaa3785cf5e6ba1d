import { expect } from 'vitest';
import { listedDifferences } from './differences.ts';

const listed = listedDifferences();

/** Fails if a case that is not listed differs, or one that is listed agrees. */
export function agreesUnlessListed(name: string, ours: unknown, original: unknown): void {
  const why = listed.get(name);
  if (why === undefined) expect(ours, 'not in docs/differences.md').toEqual(original);
  else expect(ours, `listed as differing: ${why}`).not.toEqual(original);
}

/** Fails if a listed case whose name begins so is not among these. */
export function requireListedAmong(names: readonly string[], ...beginnings: readonly string[]): void {
  for (const name of listed.keys()) {
    if (beginnings.some((one) => name.startsWith(`${one}-`))) expect(names).toContain(name);
  }
}
