/** A word of a command. Where it was quoted, a wildcard or a colon is a letter like any other. */
export interface Word {
  readonly text: string;
  /** The same with `\` before each quoted or escaped wildcard: what `wildcard.ts` reads. */
  readonly pattern: string;
  /** A colon alone between blanks, not quoted. */
  readonly isColon: boolean;
}

/** One command: its words, and the marker behind `<<` if a list of paths follows. */
export interface CommandLine {
  readonly words: readonly Word[];
  readonly marker?: string;
  readonly text: string;
}

const wild = /[*?[\]{}\\]/g;

/**
 * The commands of one line, divided at each `;` outside of quotes. Within single quotes all is literal; within double quotes `\` stands before `"` and `\`;
 * elsewhere `\` takes the meaning off any character. Undefined if a quote is not closed.
 */
export function parseLine(line: string): readonly CommandLine[] | undefined {
  const commands: CommandLine[] = [];
  let words: Word[] = [];
  let word: { text: string; pattern: string; plain: boolean } | undefined;
  let start = 0;
  const put = (text: string, quoted: boolean) => {
    word ??= { text: '', pattern: '', plain: true };
    word.text += text;
    word.pattern += quoted ? text.replace(wild, '\\$&') : text;
    word.plain &&= !quoted;
  };
  const endWord = () => {
    if (word !== undefined)
      words.push({ text: word.text, pattern: word.pattern, isColon: word.plain && word.text === ':' });
    word = undefined;
  };
  const endCommand = (at: number) => {
    endWord();
    if (words.length > 0) commands.push(withMarker(words, line.slice(start, at).trim()));
    words = [];
    start = at + 1;
  };
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at]!;
    if (letter === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return undefined;
      put(line.slice(at + 1, end), true);
      at = end;
    } else if (letter === '"') {
      const [text, end] = doubleQuoted(line, at + 1);
      if (end === undefined) return undefined;
      put(text, true);
      at = end;
    } else if (letter === '\\') {
      at += 1;
      if (at === line.length) return undefined;
      put(line[at]!, true);
    } else if (letter === ';') endCommand(at);
    else if (/\s/.test(letter)) endWord();
    else if (letter === '#' && words.length === 0 && word === undefined) {
      endCommand(line.length);
      return commands;
    } else put(letter, false);
  }
  endCommand(line.length);
  return commands;
}

/** A word that stands for itself, as a line of a list of paths gives it. */
export function listedPath(text: string): Word {
  return { text, pattern: text, isColon: false };
}

function doubleQuoted(line: string, from: number): readonly [string, number | undefined] {
  let text = '';
  for (let at = from; at < line.length; at += 1) {
    const letter = line[at]!;
    if (letter === '"') return [text, at];
    if (letter === '\\' && /["\\]/.test(line[at + 1] ?? '')) {
      at += 1;
      text += line[at];
    } else text += letter;
  }
  return [text, undefined];
}

function withMarker(words: readonly Word[], text: string): CommandLine {
  const at = words.findIndex(({ pattern }) => pattern.startsWith('<<'));
  if (at < 0) return { words, text };
  const marker = words[at]!.text.slice(2) || (words[at + 1]?.text ?? '');
  return { words: words.slice(0, at), marker, text };
}
