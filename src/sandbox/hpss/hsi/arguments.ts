import { asHpssError, HpssError } from '../system/hpss-error.ts';
import { absolutePath } from '../system/namespace.ts';
import type { Word } from './command-line.ts';
import { complain, complainOf, type Session } from './session.ts';
import { isWild, matchingPaths } from './wildcard.ts';

/** A command with options: which were given, and the words behind them. */
export interface Arguments {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly words: readonly Word[];
}

/** The command line of a command is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads options of one letter, which may stand together; those in `valued` take the next word. `--` ends them, and so does a word that begins otherwise.
 * A quoted word is an option like any other: hsi sees words, not quotes.
 */
export function readArguments(words: readonly Word[], letters: string, valued = ''): Arguments {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  let at = 0;
  for (; at < words.length; at += 1) {
    const { text } = words[at]!;
    if (text === '--') {
      at += 1;
      break;
    }
    if (!/^-./s.test(text)) break;
    for (let place = 1; place < text.length; place += 1) {
      const letter = text[place]!;
      if (valued.includes(letter)) {
        const value = text.slice(place + 1) || words[++at]?.text;
        if (value === undefined) throw new UsageError(`option -${letter} needs a value`);
        values.set(letter, value);
        break;
      }
      if (!letters.includes(letter)) throw new UsageError(`unknown option -${letter}`);
      flags.add(letter);
    }
  }
  return { flags, values, words: words.slice(at) };
}

/** A mode in octal, as `2770`. */
export function readMode(text: string): number {
  if (!/^[0-7]{1,4}$/.test(text)) throw new UsageError(`invalid mode ${text}`);
  return Number.parseInt(text, 8);
}

/** An absolute HPSS path. */
export function here(session: Session, path: string): string {
  return absolutePath(session.system, session.directory, path);
}

/** A path on this machine. */
export function local(session: Session, path: string): string {
  return path.startsWith('/') ? path : `${session.localDirectory}/${path}`;
}

/** The paths that the words stand for, with wildcards expanded. Says of each pattern that matches nothing that it does. */
export async function expanded(session: Session, command: string, words: readonly Word[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { text, pattern } of words) {
    if (!isWild(pattern)) {
      found.push(text);
      continue;
    }
    try {
      const paths = matchingPaths(
        session.system,
        session.directory,
        pattern.replace(/^~(?=\/|$)/, session.system.settings.home),
      );
      if (paths.length === 0) await complain(session, `Warning: No matching names located for '${text}'`);
      found.push(...paths);
    } catch (error) {
      await complainOf(session, command, error);
    }
  }
  return found;
}

/** Does a deed for each path; one that HPSS refuses is complained of, and the others are done. */
export async function forEachPath(
  session: Session,
  command: string,
  words: readonly Word[],
  deed: (path: string) => void | Promise<void>,
  exitFor: (error: HpssError) => number | undefined = () => undefined,
): Promise<void> {
  if (words.length === 0) throw new UsageError('a path is needed');
  for (const path of await expanded(session, command, words)) {
    try {
      await deed(path);
    } catch (error) {
      const refused = asHpssError(error, path);
      await complainOf(session, command, refused, exitFor(refused));
    }
  }
}

/** True for the error that an object is not there. */
export function isAbsent(error: HpssError): boolean {
  return error instanceof HpssError && error.symbol === 'ENOENT';
}
