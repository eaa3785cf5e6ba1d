import type { TextPosition } from './json-tree.ts';

/** Something wrong with a configuration. An error stops every use of it, a warning does not. */
export interface Problem extends TextPosition {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The keys that lead there, as `data › d1 › d1/.*$`; '' for the file as a whole. */
  readonly where: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** Collects problems, in the order in which they are found. */
export interface ProblemList {
  readonly problems: readonly Problem[];
  error(at: TextPosition, keys: readonly string[], message: string, suggestion?: string): void;
  warning(at: TextPosition, keys: readonly string[], message: string, suggestion?: string): void;
}

/** An empty list of problems. */
export function problemList(): ProblemList {
  const problems: Problem[] = [];
  const add =
    (severity: Problem['severity']) =>
    ({ line, column }: TextPosition, keys: readonly string[], message: string, suggestion?: string): void => {
      const where = keys.join(' › ');
      problems.push({ severity, message, where, line, column, ...(suggestion === undefined ? {} : { suggestion }) });
    };
  return { problems, error: add('error'), warning: add('warning') };
}
