import { StowageError } from '../../errors.ts';

/** One step of a line: a command with its words, perhaps piped into a program; or a line for the shell of this machine. */
export type Step =
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly pipe?: string }
  | { readonly kind: 'shell'; readonly text: string };

/** What a word stands for, wherever it stands alone and unquoted. */
export type Aliases = ReadonlyMap<string, string>;

/** Exit status for a line that cannot be read. */
const badLine = 64;

/**
 * The steps of a line. `;` and newlines end a step; a step that begins with `!` goes to the shell; the first ` | ` (with blanks around it) pipes
 * into one. Quotes and backslashes are those of a POSIX shell and protect all of these. Aliases are put in first, once, in commands only.
 * Throws `usage` for a quote that is not closed.
 */
export function parseLine(line: string, aliases: Aliases = new Map()): readonly Step[] {
  const steps =
    aliases.size === 0
      ? segments(line)
      : segments(line)
          .map((one) => withAliases(one, aliases))
          .flatMap(segments);
  return steps.flatMap((segment): Step[] => {
    const text = segment.trim();
    if (text === '' || text.startsWith('#')) return [];
    if (text.startsWith('!')) return [{ kind: 'shell', text: text.slice(1).trim() }];
    const bar = unquoted(segment).find((at) => {
      const [before, after] = [segment[at - 1] ?? ' ', segment[at + 1] ?? ' '];
      return segment[at] === '|' && isBlank(before) && isBlank(after);
    });
    if (bar === undefined) return [{ kind: 'command', words: wordsOf(segment) }];
    const [words, pipe] = [wordsOf(segment.slice(0, bar)), segment.slice(bar + 1).trim()];
    if (words.length === 0 || pipe === '') throw unreadable("nothing stands on one side of the '|'", text);
    return [{ kind: 'command', words, pipe }];
  });
}

/** The words of a command, as a POSIX shell would take them apart. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (quote === "'") {
      if (character === "'") quote = '';
      else word += character;
    } else if (character === '\\') {
      const next = text[at + 1];
      if (next === undefined) throw unreadable('nothing follows the backslash at the end', text);
      const kept = quote === '"' && next !== '"' && next !== '\\';
      word = `${word ?? ''}${kept ? '\\' : ''}${next}`;
      at += 1;
    } else if (quote === '"') {
      if (character === '"') quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (isBlank(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') throw unreadable(`a quote ${quote} is not closed`, text);
  if (word !== undefined) words.push(word);
  return words;
}

/** A word so written that it is read as one again, whatever is in it. */
export function quotedWord(word: string): string {
  return /^[\w@%+=:,./~*?[\]!^{}-]+$/.test(word) && !word.startsWith('!') ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Cut at each `;` and newline that is not quoted. */
function segments(line: string): readonly string[] {
  const cuts = unquoted(line).filter((at) => line[at] === ';' || line[at] === '\n');
  return [-1, ...cuts].map((cut, index) => line.slice(cut + 1, cuts[index] ?? line.length));
}

/** The places of the characters that no quote and no backslash protects, quotes themselves left out. */
function unquoted(text: string): readonly number[] {
  const places: number[] = [];
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (quote !== '') {
      if (character === '\\' && quote === '"') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '\\') at += 1;
    else if (character === '"' || character === "'") quote = character;
    else places.push(at);
  }
  return places;
}

function withAliases(segment: string, aliases: Aliases): string {
  if (segment.trim().startsWith('!')) return segment;
  const free = new Set(unquoted(segment));
  let out = '';
  for (let at = 0; at < segment.length; ) {
    if (!free.has(at) || isBlank(segment[at])) {
      out += segment[at];
      at += 1;
      continue;
    }
    let end = at;
    while (end < segment.length && free.has(end) && !isBlank(segment[end])) end += 1;
    const word = segment.slice(at, end);
    const alone = (at === 0 || isBlank(segment[at - 1])) && (end === segment.length || isBlank(segment[end]));
    out += alone ? (aliases.get(word) ?? word) : word;
    at = end;
  }
  return out;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

function unreadable(what: string, text: string): StowageError {
  return new StowageError('usage', `cannot read this line: ${what}: ${text.trim()}`, { facts: { errno: badLine } });
}
