import { open } from 'node:fs/promises';
import { realFiles } from '../../../durable/real-files.ts';
import type { GridSession } from '../../../grid/connect.ts';
import { readLfn } from '../../../grid/copy/read-lfn.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { copySession, readingOptions } from '../content/copy-session.ts';
import { onTerminal } from '../content/on-terminal.ts';
import { withCopies } from '../content/temporary-copies.ts';
import { wordsOf } from '../grammar.ts';
import { failed, type Outcome } from '../outcome.ts';

async function cat(context: Context, args: readonly string[]): Promise<Outcome> {
  const lfns = await absolute(await context.session(), withoutNoOut(args));
  if (lfns.length === 0) return failed(22, 'cat: name a file');
  return { status: 0, out: '', err: '', content: contentOf(context, lfns) };
}

async function* contentOf(context: Context, lfns: readonly string[]): AsyncGenerator<Uint8Array> {
  const parts = await copySession(context);
  try {
    for (const lfn of lfns) yield* readLfn(parts, lfn, readingOptions(context, 'cat'));
  } finally {
    parts.close();
  }
}

function pager(name: 'less' | 'more'): ClientCommand {
  return {
    name,
    summary: `look at a file with ${name}`,
    usage: [`${name} LFN...`, `${name} of this machine has the terminal. What it shows was checked before.`],
    async run(context, args) {
      const lfns = await absolute(await context.session(), withoutNoOut(args));
      if (lfns.length === 0) return failed(22, `${name}: name a file`);
      return withCopies(context, name, lfns, (paths, folder) => onTerminal(context, name, paths, folder));
    },
  };
}

/** `run [-force] [-noout] PROGRAM [ARGUMENTS...] LFN`: what begins with `alien:` is brought here, else the last argument. */
async function run(context: Context, args: readonly string[]): Promise<Outcome> {
  const front = args.findIndex((arg) => !['-force', '-noout'].includes(arg));
  const [command = '', ...rest] = front < 0 ? [] : args.slice(front);
  const [program, ...given] = wordsOf(command);
  if (program === undefined || rest.length === 0) return failed(22, 'run: name a program, and a file for it');
  const isLfn = rest.some(isMarked) ? isMarked : (_: string, at: number) => at === rest.length - 1;
  const lfns = await absolute(await context.session(), rest.filter(isLfn));
  return withCopies(context, 'run', lfns, (paths, folder) => {
    const left = [...paths];
    const words = rest.map((arg, at) => (isLfn(arg, at) ? left.shift()! : arg));
    return onTerminal(context, program, [...given, ...words], folder);
  });
}

async function exec(context: Context, [name, ...args]: readonly string[]): Promise<Outcome> {
  if (name === undefined) return failed(22, 'exec: name a file');
  const lfns = await absolute(await context.session(), [name]);
  return withCopies(context, 'exec', lfns, async ([path], folder) => {
    await realFiles.setAttributes(path!, { mode: 0o700 });
    // A script that does not say what it is for is one for sh, as shells have it.
    const words = (await saysItsKind(path!)) ? [path!] : ['sh', path!];
    return onTerminal(context, words[0]!, [...words.slice(1), ...args], folder);
  });
}

/** True for `#!` and for what the system itself can execute. */
async function saysItsKind(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.subarray(0, bytesRead).toString('latin1');
    return start.startsWith('#!') || start === '\x7fELF' || /^[\xca\xce\xcf\xfe]/.test(start);
  } finally {
    await file.close();
  }
}

function absolute(grid: GridSession, names: readonly string[]): Promise<readonly string[]> {
  return Promise.all(names.map((name) => grid.lfn(name)));
}

function isMarked(arg: string): boolean {
  return /^alien:/i.test(arg);
}

/** Scripts for alien.py have it. */
function withoutNoOut(args: readonly string[]): readonly string[] {
  return args.filter((arg) => arg !== '-noout');
}

/** Commands that show a file, or have a program of this machine work on it. */
export const commands: readonly ClientCommand[] = [
  {
    name: 'cat',
    summary: 'print a file',
    usage: [
      'cat LFN...',
      'Up to 8 MiB are checked before the first byte is printed. Of more, that it was not right is known at the end: then the exit status is not 0.',
    ],
    run: cat,
  },
  pager('less'),
  pager('more'),
  {
    name: 'run',
    summary: 'run a program on a file',
    usage: [
      'run [-force] [-noout] PROGRAM [ARGUMENTS...] LFN',
      'Arguments that begin with alien: are brought here, and the program gets the names of the copies; without any, the last argument.',
      'The program has the terminal, and no shell reads its arguments; its exit status is ours.',
      'The file is brought anew each time. -force and -noout are accepted.',
    ],
    isPassedOn: true,
    run,
  },
  {
    name: 'exec',
    summary: 'execute a file',
    usage: ['exec LFN [ARGUMENTS...]', 'It has the terminal; its exit status is ours.'],
    isPassedOn: true,
    run: exec,
  },
];
