import { displayName } from '../model/byte-name.ts';
import { HpssError } from './hpss-error.ts';

const plain = /^[A-Za-z0-9_./+,=@%^][A-Za-z0-9_./+,=@%^~-]*$/;

/**
 * A name as a word of an hsi command. Plain names stay as they are; in others quotes keep blanks, `;`, `:` and wildcards from being read. Throws
 * `refused` for what no quoting carries: a command is a line.
 */
export function hsiWord(name: string): string {
  const problem = unspeakable(name);
  if (problem !== undefined)
    throw new HpssError('refused', `hsi cannot be told of '${displayName(name)}': ${problem}`, {
      hint: 'rename it',
    });
  // What begins with a dash would be an option, in quotes too: hsi sees words.
  const word = name.startsWith('-') ? `./${name}` : name;
  if (plain.test(word)) return word;
  // Single quotes take everything literally, on every build; they cannot hold one of themselves.
  return word
    .split("'")
    .map((part) => (part === '' ? '' : `'${part}'`))
    .join(`"'"`);
}

/** Why hsi cannot carry a name, or undefined. */
export function unspeakable(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('\n') || name.includes('\r')) return 'it holds the end of a line';
  if (name.includes('\0')) return 'it holds a NUL';
  return undefined;
}
