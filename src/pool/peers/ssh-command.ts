import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { baseOf } from '../../model/relative-path.ts';

/** A command of the configuration as words: separated by blanks, double quotes keep some together; no shell ever sees it. */
export type Words = readonly string[];

/** The words of a command. Throws `configuration` for none, and for a quote that is not closed. */
export function wordsOf(command: string): Words {
  const words = [...command.matchAll(/(?:[^\s"]+|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
  if (words.length > 0 && (command.match(/"/g) ?? []).length % 2 === 0) return words;
  throw new StowageError('configuration', `'${displayName(command)}' is not a command`);
}

/** What keeps a session safe and alive. They come first: ssh takes the first value of an option, so nothing behind them, and no file, changes one. */
const ours = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'NoHostAuthenticationForLocalhost=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=4',
];

export interface SshTarget {
  readonly host: string;
  readonly user: string | undefined;
  readonly rshCommand: Words;
  readonly rcpCommand: Words;
  readonly connectTimeoutSeconds: number;
}

/** The program and arguments that run a command on a peer; `last` are options behind all others. Where the configured remote shell is not OpenSSH's, it gets nothing but its own words. */
export function remoteShellCommand(target: SshTarget, command: string, last: Words = []): Words {
  const { rshCommand, rcpCommand } = target;
  const carried = scpOptions(rcpCommand);
  const place = placeOf(target);
  if (baseOf(rshCommand[0]!) !== 'ssh') return [...rshCommand, place, command];
  const [program, ...given] = rshCommand;
  return [program!, '-T', ...safeOptions(target), ...given, ...(carried?.ssh ?? []), ...last, '--', place, command];
}

/** The options that every OpenSSH program of ours gets. */
export function safeOptions({ connectTimeoutSeconds }: Pick<SshTarget, 'connectTimeoutSeconds'>): Words {
  return [...ours, `ConnectTimeout=${connectTimeoutSeconds}`].flatMap((option) => ['-o', option]);
}

/** `user@host`, as ssh and scp take it. */
export function placeOf({ user, host }: Pick<SshTarget, 'user' | 'host'>): string {
  return user === undefined ? host : `${user}@${host}`;
}

/** What a session over ssh takes over from a copy command. */
export interface CarriedOptions {
  readonly ssh: Words;
}

/**
 * The options of an scp command as ssh takes them: `-P` (there `-p`), `-i`, `-o`, `-F`, and `-c`, `-J`, `-4`, `-6`. What only says how scp copies (`-B -q
 * -C -p -r -v -O -s -T -A`) is dropped: a session sends what is compressed already. Undefined for a command that is not scp, or that says what a
 * session could not keep, such as `-l`: then the command itself is used.
 */
export function scpOptions([program, ...args]: Words): CarriedOptions | undefined {
  if (program === undefined || baseOf(program) !== 'scp') return undefined;
  const ssh: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    if (!/^-[A-Za-z0-9]/.test(arg)) return undefined;
    for (let letter = 1; letter < arg.length; letter += 1) {
      const flag = arg[letter]!;
      if ('BqCprvOsTA'.includes(flag)) continue;
      if ('46'.includes(flag)) {
        ssh.push(`-${flag}`);
        continue;
      }
      if (!'PioFcJ'.includes(flag)) return undefined;
      const rest = arg.slice(letter + 1);
      const value = rest === '' ? args[++at] : rest;
      if (value === undefined) return undefined;
      ssh.push(flag === 'P' ? '-p' : `-${flag}`, value);
      break;
    }
  }
  return { ssh };
}
