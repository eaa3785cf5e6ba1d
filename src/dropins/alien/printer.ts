import type { TerminalLine } from './client-command.ts';
import { type Outcome, outcomeOf, outputText } from './outcome.ts';

/** Where a run writes. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
  /** Like `out`, byte for byte; resolves when more may come. Without it bytes are written as UTF-8. */
  bytes?(chunk: Uint8Array): Promise<void>;
  /** Where a line may move, if somebody looks at a terminal. */
  readonly terminal?: TerminalLine;
}

/** Prints what commands came to. */
export interface Printer {
  /** The text of an outcome, in the way that its command asked for. */
  textOf(outcome: Outcome): string;
  /** Prints it, and gives its status. */
  print(outcome: Outcome): number;
  /** The same for an outcome with content, byte for byte; or gives that to a program, which is begun when there is something and the command has not failed. */
  printContent(outcome: Outcome, content: AsyncIterable<Uint8Array>, program?: Program): Promise<number>;
}

type Program = (input: AsyncIterable<Uint8Array>) => Promise<number>;

/** How a printer prints. */
export interface PrinterOptions {
  readonly output: Output;
  /** Replies as they came. */
  readonly raw: boolean;
  /** Whether what is printed next is wanted as JSON. */
  isJson(): boolean;
  /** A prompt follows, which begins a line. */
  readonly interactive: boolean;
}

/** A printer of outcomes. */
export function printer({ output, raw, isJson, interactive }: PrinterOptions): Printer {
  const way = () => (raw ? 'raw' : isJson() ? 'json' : 'text');
  const textOf = (outcome: Outcome) => outputText(outcome, way());

  function print(outcome: Outcome): number {
    const text = textOf(outcome);
    if (text !== '') output.out(text);
    if (outcome.err !== '' && (way() === 'text' || text === '')) output.err(`${outcome.err}\n`);
    return outcome.status;
  }

  return {
    textOf,
    print,
    async printContent(outcome, content, program) {
      const chunks = content[Symbol.asyncIterator]();
      try {
        const first = await chunks.next();
        const all = { [Symbol.asyncIterator]: () => withFirst(first, chunks) };
        if (program !== undefined && outcome.status === 0 && !first.done) return await program(all);
        let last: number | undefined = 10;
        for await (const chunk of all) {
          await (output.bytes?.(chunk) ?? output.out(Buffer.from(chunk).toString('utf8')));
          last = chunk.at(-1) ?? last;
        }
        if (interactive && last !== 10) output.out('\n');
        return print(outcome);
      } catch (error) {
        return print(outcomeOf(error));
      } finally {
        await chunks.return?.();
      }
    },
  };
}

async function* withFirst(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}
