import { isStowageError } from '../../errors.ts';

/** True for an error after which the run cannot go on: one that is none of ours, or of the journal, or one that every archive would meet, as a login that is not valid any more. */
export function isFatal(error: unknown): boolean {
  return !isStowageError(error) || error.facts.journal === true || error.facts.stopsRun === true;
}
