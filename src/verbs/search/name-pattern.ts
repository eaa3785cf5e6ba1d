import { isStowageError, StowageError } from '../../errors.ts';
import { baseOf } from '../../model/relative-path.ts';
import { pythonPattern } from '../../rules/python-pattern.ts';
import { globPattern, isGlob } from './glob.ts';

/** What a name must be like. */
export interface NamePattern {
  fits(section: string, path: string): boolean;
  /** Texts of which every path of the section that fits holds one; undefined if there are none that say anything. */
  holdsOneOf(section: string): readonly string[] | undefined;
}

/**
 * A pattern over names: with `*`, `?` or `[` a glob, over the whole path if it has a slash, else over the last part; any other a substring of
 * `SECTION/PATH`.
 */
export function namePattern(pattern: string): NamePattern {
  return isGlob(pattern) ? globName(pattern) : partOfName(pattern);
}

/** A pattern in Python's `re`, found anywhere in the path (`re.search`). Throws `usage` for one that is none. */
export function regexName(source: string): NamePattern {
  try {
    const quick = pythonPattern(source);
    // One that tries everything goes to the engine that counts its steps: it ends with an error, not never.
    const pattern = quick.danger() === undefined ? quick : pythonPattern(source, { engine: 'matcher' });
    const { literalPrefix } = pattern;
    return {
      fits: (_, path) => pattern.occurs(path),
      holdsOneOf: () => (literalPrefix === '' ? undefined : [literalPrefix]),
    };
  } catch (error) {
    if (!isStowageError(error, 'configuration')) throw error;
    throw new StowageError('usage', `the pattern cannot be used: ${error.message}`, {
      hint: "patterns are those of Python's re, as in the configuration (docs/rules.md)",
      cause: error,
    });
  }
}

function partOfName(text: string): NamePattern {
  return {
    fits: (section, path) => path.includes(text) || `${section}/${path}`.includes(text),
    holdsOneOf(section) {
      const before = `${section}/`;
      if (before.includes(text)) return undefined;
      // What begins in the section's name goes on at the beginning of the path.
      const rests = Array.from(before, (_, at) => before.slice(at)).filter((end) => text.startsWith(end));
      return [text, ...rests.map((end) => text.slice(end.length))];
    },
  };
}

function globName(pattern: string): NamePattern {
  const glob = globPattern(pattern);
  const crosses = pattern.includes('/');
  const texts = literals(pattern);
  const last = texts.at(-1)?.replace(/^.*\//s, '') ?? '';
  // With a slash the beginning may be that of the section's name; the end is that of the path.
  const text = crosses
    ? endsLiterally(pattern)
      ? last
      : ''
    : texts.reduce((a, b) => (b.length > a.length ? b : a), '');
  return {
    fits: crosses
      ? (section, path) => glob.test(path) || glob.test(`${section}/${path}`)
      : (_, path) => glob.test(baseOf(path)),
    holdsOneOf: () => (text === '' ? undefined : [text]),
  };
}

/** The texts between the signs of a glob; none at all if it has a class or a backslash, which are not worth the trouble. */
function literals(pattern: string): readonly string[] {
  return /[[\\]/.test(pattern) ? [] : pattern.split(/[*?]+/);
}

function endsLiterally(pattern: string): boolean {
  return !/[*?]$/.test(pattern);
}
