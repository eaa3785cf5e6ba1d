import type { EventEmitter } from 'node:events';
import type { Interface } from 'node:readline';

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/**
 * Lets Ctrl-R find lines in the history: the newest that holds what is typed, then with each further Ctrl-R the one before. Any other key keeps what is
 * there. (Up and Down look for lines that begin with what is typed; Node does that.)
 */
export function searchHistory(lines: Interface, input: EventEmitter): void {
  let wanted = '';
  let shown: string | undefined;
  let at = 0;
  input.on('keypress', (_: string, key: Key) => {
    const editor = lines as unknown as { readonly history: readonly string[]; readonly line: string };
    if (!(key?.ctrl && key.name === 'r')) return;
    if (editor.line !== shown) {
      wanted = editor.line;
      at = 0;
    }
    const found = nextMatch(editor.history, wanted, at, editor.line);
    if (found === undefined) return;
    at = found + 1;
    shown = editor.history[found]!;
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
    lines.write(shown);
  });
}

/** The place of the next older line that holds the text and is not the one that is shown. */
export function nextMatch(history: readonly string[], wanted: string, from: number, shown: string): number | undefined {
  for (let at = from; at < history.length; at += 1) {
    if (history[at]!.includes(wanted) && history[at] !== shown) return at;
  }
  return undefined;
}
