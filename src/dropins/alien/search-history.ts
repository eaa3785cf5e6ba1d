import type { Interface } from 'node:readline';

/** What of Node's line editor is used; its own REPL takes keys the same way. */
interface Editor {
  line: string;
  cursor: number;
  readonly history: readonly string[];
  _ttyWrite(text: string | undefined, key: Key): void;
}

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

interface Search {
  readonly prompt: string;
  /** What was typed before. */
  readonly before: string;
  wanted: string;
  /** The place of the line that is shown; undefined as long as none was found. */
  at: number | undefined;
}

/**
 * Lets Ctrl-R search the history while one types: the newest line that holds the text, with each further Ctrl-R the one before. Enter runs what is
 * found, Ctrl-G or Ctrl-C goes back to what was there, any other key goes on with what is found. What was typed before Ctrl-R is searched
 * for first. (Up and Down look for lines that begin with what is typed; Node does that.)
 */
export function searchHistory(lines: Interface): void {
  const editor = lines as unknown as Editor;
  const write = editor._ttyWrite.bind(lines);
  let search: Search | undefined;

  function show({ wanted, at }: Search, found: boolean): void {
    lines.setPrompt(`(${found ? 'search' : 'nothing with'} '${wanted}'): `);
    if (at !== undefined) put(editor.history[at]!);
    lines.prompt(true);
  }

  function put(line: string): void {
    editor.line = line;
    editor.cursor = line.length;
  }

  function look(running: Search, from: number): void {
    const shown = from === running.at ? undefined : editor.history[running.at ?? -1];
    const at = running.wanted === '' ? undefined : olderMatch(editor.history, running.wanted, from, shown);
    if (at !== undefined) running.at = at;
    show(running, at !== undefined || running.wanted === '');
  }

  function end({ prompt }: Search): void {
    search = undefined;
    lines.setPrompt(prompt);
    lines.prompt(true);
  }

  editor._ttyWrite = (text, key = {}) => {
    const isSearchKey = key.ctrl === true && key.name === 'r';
    if (search === undefined) {
      if (!isSearchKey) return write(text, key);
      search = { prompt: lines.getPrompt(), before: editor.line, wanted: editor.line, at: undefined };
      return look(search, 0);
    }
    if (isSearchKey) return look(search, search.at === undefined ? 0 : search.at + 1);
    if (key.name === 'backspace') {
      search.wanted = [...search.wanted].slice(0, -1).join('');
      return look(search, 0);
    }
    if (isTyped(text, key)) {
      search.wanted += text;
      return look(search, search.at ?? 0);
    }
    const isGivenUp = key.ctrl === true && (key.name === 'g' || key.name === 'c');
    if (isGivenUp) put(search.before);
    end(search);
    if (key.name === 'escape' || (key.ctrl === true && key.name === 'g')) return;
    return write(text, key);
  };
}

/** The place of the newest line that holds the text, from this place on to older ones, and is not the one that is shown. */
export function olderMatch(
  history: readonly string[],
  wanted: string,
  from: number,
  shown?: string,
): number | undefined {
  for (let at = from; at < history.length; at += 1) {
    if (history[at]!.includes(wanted) && history[at] !== shown) return at;
  }
  return undefined;
}

function isTyped(text: string | undefined, { ctrl, meta }: Key): text is string {
  return text !== undefined && !ctrl && !meta && /^[^\p{Cc}]+$/u.test(text);
}
