/** What comes over a session's standard error, told apart by the command that it belongs to. */
export interface Complaints {
  add(chunk: Buffer): void;
  /** The number of the next command, which will write `MARK-NUMBER STATUS` when it ended. */
  begin(): number;
  /** What a command complained of; waits for its mark. Undefined if the session ended before. */
  of(turn: number): Promise<string | undefined>;
  /** The session has ended: nothing more comes. */
  end(): void;
}

/** Of one command. */
const longest = 64 * 1024;

/** `failed` is told at once of a command that ended with a status above 2: a tar that was killed leaves its shell alive, and its stream without an end. */
export function complaintsOf(nonce: string, failed: (turn: number, status: number, text: string) => void): Complaints {
  const mark = new RegExp(`\\n${nonce}-(\\d+) (\\d+)\\n`);
  const ended = new Map<number, string>();
  let turn = 0;
  let text = '';
  let over = false;
  let wake: () => void = () => undefined;
  return {
    begin() {
      turn += 1;
      return turn;
    },
    add(chunk) {
      text += chunk.toString('utf8');
      for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
        const said = text.slice(0, found.index).trim();
        ended.set(Number(found[1]), said);
        text = text.slice(found.index + found[0].length);
        if (Number(found[2]) > 2) failed(Number(found[1]), Number(found[2]), said);
      }
      if (text.length > 2 * longest) text = text.slice(-longest);
      wake();
    },
    async of(wanted) {
      while (!over && !ended.has(wanted)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const found = ended.get(wanted);
      ended.delete(wanted);
      return found;
    },
    end() {
      over = true;
      wake();
    },
  };
}
