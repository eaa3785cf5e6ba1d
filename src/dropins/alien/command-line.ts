import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { quotedWord } from './grammar.ts';

/** What a command line asks for. */
export type Wanted =
  | { readonly kind: 'shell' }
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'term' };

/** A command line taken apart. */
export interface CommandLine {
  readonly wanted: Wanted;
  readonly json: boolean;
  readonly debug: boolean;
  readonly debugFile: string | undefined;
  readonly insecure: boolean;
}

/** The names that our commands are started by, besides `alien.py`: what stands behind `alien_` or `alien-` is the command. */
const commandOfName = /^alien[_-](?!cmd$|py$)(.+?)(\.mjs)?$/;

/**
 * Takes a command line apart. `program` is the name that was called. Arguments are words; one alone is a line, in which the shell's grammar holds, or
 * the name of a file with lines.
 */
export function readCommandLine(program: string, argv: readonly string[]): CommandLine {
  const { rest, debugFile } = withoutDebugFile(inOneForm(argv));
  const args = rest.filter((arg) => arg !== '-json' && arg !== '-debug' && arg !== '--insecure');
  return {
    wanted: wantedOf(commandOfName.exec(basename(program))?.[1], args),
    json: rest.includes('-json'),
    debug: rest.includes('-debug') || debugFile !== undefined,
    debugFile,
    insecure: rest.includes('--insecure'),
  };
}

/** In front of the command options are also known as `stowage` writes them. Behind it they are the command's, or those of a program that it runs. */
function inOneForm(argv: readonly string[]): readonly string[] {
  const first = argv.findIndex((arg) => !arg.startsWith('-'));
  const front = first < 0 ? argv.length : first;
  return argv.map((arg, at) => (at < front && /^--(json|debug)$/.test(arg) ? arg.slice(1) : arg));
}

function wantedOf(command: string | undefined, args: readonly string[]): Wanted {
  if (command !== undefined) {
    const [only] = args;
    // alien_ls '-l dir': options never hold a blank, so these are several words.
    const isWords = args.length === 1 && only!.startsWith('-') && /\s/.test(only!);
    return { kind: 'line', line: [command, ...(isWords ? [only!] : args.map(quotedWord))].join(' ') };
  }
  const [first] = args;
  if (first === undefined) return { kind: 'shell' };
  if (/^(help|--?h(elp)?)$/.test(first) && args.length === 1) return { kind: 'help' };
  if (args.length > 1) return { kind: 'line', line: args.map(quotedWord).join(' ') };
  if (['term', 'terminal', 'console'].includes(first)) return { kind: 'term' };
  if (isFile(first)) return { kind: 'file', path: first };
  return { kind: 'line', line: withoutOuterQuotes(first) };
}

/** One layer of quotes around a whole line goes: `alien.py "'ls -l'"`. */
function withoutOuterQuotes(text: string): string {
  const [, , inner] = /^\s*(["'])(.*)\1\s*$/s.exec(text) ?? [];
  return inner !== undefined && !inner.includes(text.trim()[0]!) ? inner : text;
}

/** A bare word is a command, though a file in this directory has its name: `ls` must never run what somebody put there. */
function isFile(path: string): boolean {
  if (!/[/.]/.test(path)) return false;
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function withoutDebugFile(argv: readonly string[]): { rest: readonly string[]; debugFile: string | undefined } {
  const at = argv.indexOf('-debugfile');
  if (at < 0) return { rest: argv, debugFile: undefined };
  return { rest: [...argv.slice(0, at), ...argv.slice(at + 2)], debugFile: argv[at + 1] };
}
