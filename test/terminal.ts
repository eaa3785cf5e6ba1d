import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { until } from './waiting.ts';

/** True where there is a tmux to make a terminal with. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** A real pseudo-terminal with a program in it. */
export interface Terminal {
  /** Types text as it is. */
  type(text: string): void;
  /** Presses keys by tmux's names: `Enter`, `C-c`, `Tab`, `Up`. */
  press(...keys: readonly string[]): void;
  /** Waits until what is on the screen, without blanks at the ends of lines, ends so. */
  untilEndsWith(end: string): Promise<void>;
  untilShows(text: string): Promise<void>;
  /** The exit status of the program, once it ended. */
  ended(): Promise<number>;
}

/** Starts a program in a terminal of 200 by 50, which is closed when the running test ends. */
export function terminal(folder: string, command: readonly string[], env: Readonly<Record<string, string>>): Terminal {
  const socket = join(folder, 'tmux');
  const options = { encoding: 'utf8', env: { ...process.env, ...env, LC_ALL: 'C.UTF-8', TERM: 'xterm' } } as const;
  const called = (args: readonly string[]) => ['-S', socket, '-f', '/dev/null', ...args];
  const tmux = (...args: readonly string[]) => execFileSync('tmux', called(args), options);
  // Not in one piece with the rest: the server that the program speaks to may be in this process.
  const look = async () => {
    const { stdout } = await promisify(execFile)(
      'tmux',
      called(['capture-pane', '-p', '-J', '-S', '-1000', '-t', 't']),
      options,
    );
    return stdout.replace(/ +$/gm, '').trimEnd();
  };
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  tmux('new-session', '-d', '-s', 't', '-x', '200', '-y', '50', `${quoted}; echo "ended with $?"; exec sleep 1000`);
  onTestFinished(() => void spawnSync('tmux', ['-S', socket, 'kill-server']));
  let screen = '';
  const shown = async (what: string, isSo: () => boolean) => {
    let waiting = true;
    screen = '';
    const looking = (async () => {
      while (waiting) screen = await look();
    })();
    try {
      await until(what, isSo);
    } catch (error) {
      throw new Error(`${(error as Error).message}; the screen is\n${screen}`);
    } finally {
      waiting = false;
      await looking;
    }
  };
  return {
    type: (text) => void tmux('send-keys', '-t', 't', '-l', text),
    press: (...keys) => void tmux('send-keys', '-t', 't', ...keys),
    untilEndsWith: (end) => shown(`the screen ends with '${end}'`, () => screen.endsWith(end)),
    untilShows: (text) => shown(`the screen shows '${text}'`, () => screen.includes(text)),
    async ended() {
      await shown('it ended', () => /ended with \d+$/.test(screen));
      return Number(/ended with (\d+)$/.exec(screen)![1]);
    },
  };
}
