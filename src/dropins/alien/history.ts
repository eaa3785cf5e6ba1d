import { appendLine } from '../../durable/append-line.ts';
import { readIfThere } from '../../durable/read-if-there.ts';
import { plainReason } from '../../errors.ts';

/** The lines that were typed, as GNU readline keeps them in `~/.alienpy_history`: one a line, the newest last. */
export interface History {
  /** The newest first. */
  readonly lines: readonly string[];
  /** Adds a line at once, so that shells at the same time lose nothing of each other's. */
  add(line: string): void;
}

const mostLines = 20_000;

/** No history: what ALIENPY_NO_HISTORY asks for. */
export const noHistory: History = { lines: [], add: () => {} };

/** The history of the user. A file that cannot be written is told once. */
export async function openHistory(home: string, tell: (text: string) => void): Promise<History> {
  const path = `${home}/.alienpy_history`;
  const text = (await readIfThere(path).catch(() => undefined)) ?? '';
  let last = '';
  let broken = false;
  return {
    lines: parseHistory(text),
    add(line) {
      if (broken || line.trim() === '' || line === last || line.includes('\n')) return;
      last = line;
      try {
        appendLine(path, line);
      } catch (error) {
        broken = true;
        tell(`the history is not kept: ${plainReason(error)}`);
      }
    },
  };
}

/** The newest first. Other editors of lines begin their file with a header, and write a blank as `\040`. */
export function parseHistory(text: string): readonly string[] {
  const isLibedit = text.startsWith('_HiStOrY_V2_');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && line !== '_HiStOrY_V2_');
  const plain = isLibedit
    ? lines.map((line) =>
        line.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
      )
    : lines;
  return plain.slice(-mostLines).reverse();
}
