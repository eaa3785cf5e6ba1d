import type { TextPosition } from './json-tree.ts';

/** Something wrong with a configuration. An error stops every use of it, a warning does not. */
export interface Problem extends TextPosition {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The keys that lead there: `__config__` or a section, then its directory, then the pattern. None for the file as a whole. */
  readonly keys: readonly string[];
  /** The same keys for people, as `data › d1 › d1/.*$`; '' for the file as a whole. */
  readonly where: string;
  /** The pattern or the archive name that is wrong, and where in it. */
  readonly excerpt?: Excerpt;
  /** What was probably meant, or how to write it. */
  readonly suggestion?: string;
}

/** A text and a place in it; `position` counts code points from 0, as Python does. */
export interface Excerpt {
  readonly text: string;
  readonly position: number;
}

/** Collects problems, in the order in which they are found. */
export interface ProblemList {
  readonly problems: readonly Problem[];
  error(at: TextPosition, keys: readonly string[], message: string, suggestion?: string, excerpt?: Excerpt): void;
  warning(at: TextPosition, keys: readonly string[], message: string, suggestion?: string): void;
}

/** An empty list of problems. */
export function problemList(): ProblemList {
  const problems: Problem[] = [];
  const add =
    (severity: Problem['severity']) =>
    (
      { line, column }: TextPosition,
      keys: readonly string[],
      message: string,
      suggestion?: string,
      excerpt?: Excerpt,
    ) => {
      problems.push({
        severity,
        message,
        keys,
        where: keys.join(' › '),
        line,
        column,
        ...(excerpt === undefined ? {} : { excerpt }),
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    };
  return { problems, error: add('error'), warning: add('warning') };
}
