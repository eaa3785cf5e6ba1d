import { randomBytes } from 'node:crypto';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName, displayText } from '../../model/byte-name.ts';
import type { Account } from '../../programs/as-account.ts';
import { converse } from '../../programs/conversation.ts';
import { complaintsOf } from './complaints.ts';
import { connectionFailure } from './connection-failure.ts';
import { quickPipe } from './quick-pipe.ts';
import { type SessionEar, sessionEar } from './session-ear.ts';
import type { Words } from './ssh-command.ts';

/** A POSIX shell on a peer, in the one session that we have with it. One command after the other; the first failure of the session is its last word. */
export interface RemoteShell {
  /** Runs a command and gives what it said. Its status is for the caller to judge. */
  ask(command: Command, options?: AskOptions): Promise<Answer>;
  /**
   * Runs a command that writes a stream with an end of its own, which `read` knows and behind which it gives back what it took; then as `ask`. The
   * commands that come `next` are begun at once: the peer does them while we still take in what it sent. One may be run `beside` all of them; its output
   * comes last. Answers must be asked for in this order.
   */
  stream(
    command: Command,
    read: (ear: SessionEar) => Promise<void>,
    more?: { readonly next?: readonly Command[]; readonly beside?: Beside },
  ): Promise<Answer & { readonly later: readonly ((options?: AskOptions) => Promise<Answer>)[] }>;
  close(): Promise<void>;
}

type Command = Uint8Array | string;

/** A command that is run while others are. `hold` takes in all that it writes and gives it out when it has ended. */
export interface Beside {
  readonly command: Command;
  readonly hold: string;
}

export interface AskOptions {
  /** How long it may say nothing, where that is not what the session allows. */
  readonly silenceMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ShellOptions {
  readonly peer: string;
  /** How long the peer may say nothing when it should. */
  readonly silenceMs: number;
  readonly as?: Account;
  readonly signal?: AbortSignal;
}

/** What a remote shell program is asked to run: the same in every login shell, also one that is not POSIX's. */
export const shellCommand = 'exec /bin/sh';

/** More than any login has to say. */
const longestGreeting = 256 * 1024;
/** A listing of a million names. */
const longestAnswer = 512 * 1024 * 1024;
/** Behind the end of a tar there are zeros up to a whole record. */
const longestTail = 4 * 1024 * 1024;

/**
 * Opens the session. Commands go over standard input, so that their names are bytes, and none is an argument. Throws `unavailable` if the peer cannot be
 * reached, does not answer, or is not who it was, and `refused` if it was reached and gives no shell.
 */
export async function openShell(argv: Words, options: ShellOptions): Promise<RemoteShell> {
  const { peer, silenceMs, as, signal } = options;
  const [program, ...args] = argv;
  const nonce = `stowage-${randomBytes(12).toString('hex')}`;
  let streaming: number | undefined;
  const complaints = complaintsOf(nonce, (turn, status, text) => {
    if (turn === streaming) ear.fail(halfSent(peer, status, text));
  });
  const pipe = await quickPipe();
  const talk = converse(program!, args, {
    cwd: '/',
    ...(pipe === undefined ? {} : { pipe }),
    onStderr: complaints.add,
    ...(as === undefined ? {} : { as }),
    ...(signal === undefined ? {} : { signal }),
  });
  void talk.ended.catch(() => undefined).then(complaints.end);
  const ear = sessionEar(talk, peer, silenceMs);
  talk.say(Buffer.from(`LC_ALL=C; export LC_ALL; unset CDPATH ENV TAR_OPTIONS; printf '\\n%s\\n' ${nonce}\n`));
  try {
    await ear.until(Buffer.from(`\n${nonce}\n`), longestGreeting);
  } catch (error) {
    await talk.stop();
    throw await connectionFailure(peer, talk.ended, error);
  }

  /** A command, and the marks that tell of its end on both of its outputs. */
  const marked = (turn: number, command: Command): Buffer => {
    const said = `printf '\\n%s %s\\n' ${nonce}-${turn} "$s"`;
    return joined('{\n', command, `\n} </dev/null; s=$?; ${said}; ${said} >&2\n`);
  };
  const begin = (command: Command): number => {
    const turn = complaints.begin();
    talk.say(marked(turn, command));
    return turn;
  };
  /** Commands one after the other, and one beside them, whose output comes behind theirs. */
  const beginBeside = (commands: readonly Command[], { command, hold }: Beside): readonly number[] => {
    const turns = commands.map(() => complaints.begin());
    const last = complaints.begin();
    const inner = commands.map((one, index) => marked(turns[index]!, one));
    // Where nobody listens any more, what is done beside would go on to its end: sshd ends nothing. The process group is that of this session alone.
    const all = ['{\n', command, `\n} </dev/null 2>/dev/null | ${hold} | {\ntrap 'kill 0' PIPE\n`, ...inner, 'cat\n}'];
    talk.say(marked(last, joined(...all)));
    return [...turns, last];
  };
  const answer = async (turn: number, longest: number): Promise<Answer> => {
    const stdout = await ear.until(Buffer.from(`\n${nonce}-${turn} `), longest);
    const status = Number((await ear.until(Buffer.from('\n'), 16)).toString('latin1'));
    return { status, stdout, stderr: (await complaints.of(turn)) ?? '' };
  };
  return {
    async ask(command, { silenceMs: ms = silenceMs } = {}) {
      ear.allow(ms);
      return answer(begin(command), longestAnswer);
    },
    async stream(command, read, { next = [], beside } = {}) {
      ear.allow(silenceMs);
      const commands = [command, ...next];
      const [mine, ...turns] = beside === undefined ? commands.map(begin) : beginBeside(commands, beside);
      streaming = mine;
      await read(ear);
      streaming = undefined;
      const later = turns.map((turn) => async ({ silenceMs: ms = silenceMs }: AskOptions = {}) => {
        ear.allow(ms);
        return answer(turn, longestAnswer);
      });
      return { ...(await answer(mine!, longestTail)), later };
    },
    async close() {
      talk.finish();
      // It has nothing more to do, and what it was asked is answered.
      const gone = talk.ended.then(
        () => true,
        () => true,
      );
      if (!(await Promise.race([gone, later(1000)]))) await talk.stop();
    },
  };
}

function joined(...parts: readonly Command[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function later(ms: number): Promise<false> {
  return new Promise((resolve) => void setTimeout(() => resolve(false), ms).unref());
}

function halfSent(peer: string, status: number, text: string): StowageError {
  const why = text === '' ? `status ${status}` : lastLine(text);
  return new StowageError('unavailable', `peer '${displayName(peer)}' sent half of its files: ${why}`, {
    facts: { peer, status, broken: true },
  });
}

/** What people are shown of what a command complained of. */
export function lastLine(text: string): string {
  return displayText(text.trimEnd().split('\n').at(-1)?.trim().slice(0, 300) ?? '');
}

/** True for a peer that was reached and gives no shell. */
export function isNoShell(error: unknown): boolean {
  return isStowageError(error, 'refused') && error.facts.noShell === true;
}
