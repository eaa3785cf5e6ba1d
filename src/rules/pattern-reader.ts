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
  /** Takes digits, `most` of them if there are so many. */
  takeDigits(most?: number): string;
  /** Where the coming token begins, in code points. */
  position(): number;
  /** Goes back to a position that `position` gave. */
  rewind(position: number): void;
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
    takeDigits(most = Number.POSITIVE_INFINITY) {
      let digits = '';
      while (digits.length < most && coming !== undefined && /^[0-9]$/.test(coming)) digits += take();
      return digits;
    },
    position: () => at,
    rewind(position) {
      at = position;
      look();
    },
  };
}
