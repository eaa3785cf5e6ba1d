import type { StowageError } from '../errors.ts';
import { rejected } from './pattern-error.ts';

/** Reads a pattern or template token by token; a token is one code point, or a backslash with the code point after it. */
export interface PatternReader {
  readonly text: string;
  /** The coming token, or undefined at the end. */
  peek(): string | undefined;
  /** The coming token, which is then behind us. */
  take(): string | undefined;
  /** Takes the coming token if it is this one. */
  takeIf(token: string): boolean;
  /** Takes tokens while they are one of these characters, `most` of them at most. */
  takeWhile(characters: RegExp, most?: number): string;
  /** Takes all up to a closing token, which is taken too. `what` names it for the error if there is none, or nothing before it. */
  takeUntil(closing: string, what: string): string;
  /** Where the coming token begins, in code points. */
  position(): number;
  /** Goes back to a position that `position` gave. */
  rewind(position: number): void;
  /** The error in Python's words, so many code points before the coming token. */
  error(reason: string, back?: number): StowageError;
}

/** So many code points has a text, which is how Python counts. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/**
 * A reader at the start of the text. Like Python's it looks one token ahead, so that a lone backslash at the end is
 * reported before whatever is wrong with the token in front of it.
 */
export function patternReader(text: string): PatternReader {
  const points = Array.from(text);
  let at = 0;
  let coming: string | undefined;

  function look(): void {
    coming = points[at];
    if (coming !== '\\') return;
    const escaped = points[at + 1];
    if (escaped === undefined) throw rejected(text, 'bad escape (end of pattern)', points.length - 1);
    coming += escaped;
  }
  function take(): string | undefined {
    const token = coming;
    if (token !== undefined) {
      at += token.startsWith('\\') ? 2 : 1;
      look();
    }
    return token;
  }
  function error(reason: string, back = 0): StowageError {
    return rejected(text, reason, at - back);
  }

  look();
  return {
    text,
    peek: () => coming,
    take,
    takeIf(token) {
      if (coming !== token) return false;
      take();
      return true;
    },
    takeWhile(characters, most = Number.POSITIVE_INFINITY) {
      let taken = '';
      while (taken.length < most && coming?.length === 1 && characters.test(coming)) taken += take();
      return taken;
    },
    takeUntil(closing, what) {
      const start = at;
      let taken = '';
      for (let token = take(); token !== closing; token = take()) {
        if (token === undefined) {
          throw error(taken === '' ? `missing ${what}` : `missing ${closing}, unterminated name`, at - start);
        }
        taken += token;
      }
      if (taken === '') throw error(`missing ${what}`, 1);
      return taken;
    },
    position: () => at,
    rewind(position) {
      at = position;
      look();
    },
    error,
  };
}
