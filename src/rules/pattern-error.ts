import { StowageError } from '../errors.ts';

/** What a pattern or template was rejected for, as `facts` of the error carry it. `position` counts code points, as Python does. */
export interface PatternFacts {
  readonly pattern: string;
  readonly position: number;
  /** The reason alone, without the position: Python's own words where Python rejects it too. */
  readonly reason: string;
  /** True if Python accepts it and Stowage does not. */
  readonly refused: boolean;
}

/** The error for what Python itself rejects, in Python's words. */
export function rejected(pattern: string, reason: string, position: number): StowageError {
  return patternError({ pattern, position, reason, refused: false });
}

/** The error for what Python accepts and Stowage does not, by the name of the construct. */
export function refused(pattern: string, construct: string, position: number, cause?: unknown): StowageError {
  return patternError({ pattern, position, reason: `${construct} is not supported`, refused: true }, cause);
}

function patternError(facts: PatternFacts, cause?: unknown): StowageError {
  return new StowageError('configuration', `${facts.reason} at position ${facts.position}${lineOf(facts)}`, {
    facts: { ...facts },
    cause,
  });
}

/** As Python tells it: only where there is more than one line. */
function lineOf({ pattern, position }: PatternFacts): string {
  if (!pattern.includes('\n')) return '';
  const lines = Array.from(pattern).slice(0, position).join('').split('\n');
  return ` (line ${lines.length}, column ${Array.from(lines.at(-1)!).length + 1})`;
}
