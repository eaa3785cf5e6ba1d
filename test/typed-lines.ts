import { execFileSync } from 'node:child_process';

/** Types into a shell on a terminal of its own. Reads what to do from standard input as JSON, prints what was shown for each line. */
const typist = `
import fcntl, json, os, pty, signal, struct, sys, termios
job = json.load(sys.stdin)
pid, tty = pty.fork()
if pid == 0:
    # Before the shell looks: one that is told later draws its prompt again, in the middle of what is typed.
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 50, 2000, 0, 0))
    os.execvpe(job['shell'][0], job['shell'], dict(os.environ, **job['env']))
seen = b''
awaited = None
def give_up(*_):
    raise SystemExit('waited in vain for %r in %r' % (awaited, seen))
signal.signal(signal.SIGTERM, give_up)
def wait(marker):
    global awaited, seen
    awaited = marker
    while marker not in seen:
        seen += os.read(tty, 65536)
    found, seen = seen.split(marker, 1)
    return found
for line in job['setup']:
    os.write(tty, (line + '\\n').encode())
shown = []
for keys in job['lines']:
    os.write(tty, b'\\r')
    wait(b'READY' + b'> ')
    os.write(tty, keys.encode())
    wait(b'WORDS:')
    shown.append(wait(b':END').decode('utf8', 'replace'))
os.close(tty)
print(json.dumps(shown))
`;

/** What a terminal needs to hear once, what begins a line that tells its words, and the keys that put in all completions at once. */
const shells = {
  bash: {
    argv: ['bash', '--norc', '--noprofile', '-i'],
    setup: [
      "bind 'set enable-bracketed-paste off' 'set bell-style none' 'set completion-query-items 0' 2>/dev/null",
      'bind "set enable-bracketed-paste off"; bind "set completion-query-items 0"',
    ],
    all: '\x1b*',
  },
  zsh: {
    argv: ['zsh', '-f', '-i'],
    setup: [
      'unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; zle -C all complete-word _generic; bindkey "^X" all; bindkey "^A" beginning-of-line',
      "zstyle ':completion:all:*' completer _all_matches _complete; zstyle ':completion:all:*' insert true; setopt no_list_ambiguous no_always_last_prompt",
    ],
    all: '\x18',
  },
} as const;

/**
 * Types each line into an interactive shell, asks it to put in all completions of the last word, and gives back the words that the shell
 * then takes the line for. `script` is what it has read before.
 */
export function completedWords(
  shell: keyof typeof shells,
  script: string,
  lines: readonly string[],
  { env, cwd }: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): readonly (readonly string[])[] {
  const { argv, setup, all } = shells[shell];
  const words = `words() { printf 'WORDS%s' :; printf '<%s>' "$@"; printf '%s\\n' :END; }`;
  const job = {
    shell: argv,
    env: { TERM: 'xterm', PS1: 'READY> ', HISTFILE: '/dev/null', ...env },
    setup: [...setup, `source '${script}'; ${words}; PS1='READ''Y> '`],
    lines: lines.map((line) => `${line}${all}\x01words \r`),
  };
  const shown = execFileSync('python3', ['-c', typist], {
    input: JSON.stringify(job),
    cwd,
    encoding: 'utf8',
    // However long a busy machine takes for one line: it is the test that has a limit, and this one is a little before it.
    timeout: 280_000,
  });
  return (JSON.parse(shown) as string[]).map((one) => [...one.matchAll(/<([^<>]*)>/g)].map(([, word]) => word!));
}
