import type { GridSession } from '../../../grid/connect.ts';
import { absoluteLfn } from '../../../grid/lfn.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { answered, failed, type Outcome, said } from '../outcome.ts';
import { sendOptions } from '../send-options.ts';

/** Goes there if the server lets us, and remembers where we were. */
async function goTo(context: Context, directory: string): Promise<Outcome> {
  const grid = await context.session();
  const options = sendOptions(context);
  const before = (await grid.where(options)).directory;
  const reply = await grid.send('cd', [directory], options);
  if (reply.exitCode === 0) {
    context.previousDirectory = before;
    await context.moved((await grid.where(options)).directory);
  }
  // Some servers do not say what is not there.
  const isTold = reply.exitCode === 0 || reply.error.includes(':');
  return answered(isTold ? reply : { ...reply, error: `${reply.error} : ${directory}` });
}

async function cd(context: Context, args: readonly string[]): Promise<Outcome> {
  const grid = await context.session();
  const here = await grid.where(sendOptions(context));
  const [to] = args;
  if (to === '-') {
    if (context.previousDirectory === undefined) return failed(2, 'cd: there is no previous directory');
    return goTo(context, context.previousDirectory);
  }
  return goTo(context, to === undefined ? here.home : absoluteLfn(to, here));
}

/** The stack as it is shown: the present directory first, `~` for home. */
async function stackText(grid: GridSession, context: Context): Promise<string> {
  const { directory, home } = await grid.where(sendOptions(context));
  const short = (lfn: string) => (lfn.startsWith(home) ? `~/${lfn.slice(home.length)}`.replace(/\/$/, '') : lfn);
  return [directory, ...context.stack].map(short).join(' ');
}

/** `+N` from the left, `-N` from the right; the present directory is number 0. */
function positionOf(text: string, length: number): number | undefined {
  const [, sign, digits] = /^([+-])(\d+)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const at = sign === '+' ? Number(digits) : length - 1 - Number(digits);
  return at >= 0 && at < length ? at : Number.NaN;
}

async function pushd(context: Context, args: readonly string[]): Promise<Outcome> {
  const grid = await context.session();
  const { directory, ...rest } = await grid.where(sendOptions(context));
  const stay = args.includes('-n');
  const [to] = args.filter((arg) => arg !== '-n');
  const all = [directory, ...context.stack];
  if (to === undefined && context.stack.length === 0) return failed(1, 'pushd: there is no other directory');
  const position = to === undefined ? 1 : positionOf(to, all.length);
  if (Number.isNaN(position)) return failed(1, `pushd: ${to} is beyond the stack`);
  const next =
    position === undefined
      ? [absoluteLfn(to!, { directory, ...rest }), ...all]
      : to === undefined
        ? [all[1]!, all[0]!, ...all.slice(2)]
        : [...all.slice(position), ...all.slice(0, position)];
  if (stay) {
    context.stack.splice(0, Infinity, ...(position === undefined ? [next[0]!, ...context.stack] : next.slice(1)));
    return said(await stackText(grid, context));
  }
  const went = await goTo(context, next[0]!);
  if (went.status !== 0) return went;
  context.stack.splice(0, Infinity, ...next.slice(1));
  return said(await stackText(grid, context));
}

async function popd(context: Context, args: readonly string[]): Promise<Outcome> {
  const grid = await context.session();
  const stay = args.includes('-n');
  const [which] = args.filter((arg) => arg !== '-n');
  if (context.stack.length === 0) return failed(1, 'popd: the stack is empty');
  const position = which === undefined ? (stay ? 1 : 0) : positionOf(which, context.stack.length + 1);
  if (position === undefined || Number.isNaN(position)) return failed(1, `popd: ${which} is no place of the stack`);
  if (position > 0) {
    context.stack.splice(position - 1, 1);
    return said(await stackText(grid, context));
  }
  const went = await goTo(context, context.stack[0]!);
  if (went.status !== 0) return went;
  context.stack.shift();
  return said(await stackText(grid, context));
}

function listing(name: string, ...options: readonly string[]): ClientCommand {
  return {
    name,
    summary: name === 'ls' ? 'list a directory' : `ls ${options.slice(1).join(' ')}`,
    usage: [
      `${name} [OPTIONS] [LFN...]`,
      '-l  permissions, owner, size and time of each    -a  hidden ones too',
      '-c  absolute names    -b  GUIDs    -H  sizes for people, with -l',
      'A pattern with *, ? or [ ] is matched by the server.',
    ],
    run: (context, args) => context.server('ls', [...options, ...args]),
  };
}

/** Commands that go about the catalogue. */
export const commands: readonly ClientCommand[] = [
  {
    name: 'cd',
    summary: 'go to another directory',
    usage: ['cd [DIRECTORY]', 'Without a name: home. cd - : where we were before.'],
    run: cd,
  },
  {
    name: 'pushd',
    summary: 'go to a directory and remember this one',
    usage: ['pushd [-n] [DIRECTORY | +N | -N]', '-n  change the list only, go nowhere'],
    run: pushd,
  },
  { name: 'popd', summary: 'go back to the last directory of pushd', usage: ['popd [-n] [+N | -N]'], run: popd },
  {
    name: 'dirs',
    summary: 'list the directories of pushd',
    usage: ['dirs [-c]', '-c  forget them'],
    async run(context, args) {
      if (args.includes('-c')) context.stack.length = 0;
      return args.includes('-c') ? said('') : said(await stackText(await context.session(), context));
    },
  },
  {
    name: 'home',
    summary: 'print the home directory',
    usage: ['home'],
    run: async (context) => said((await (await context.session()).where(sendOptions(context))).home),
  },
  listing('ls', '-F'),
  listing('ll', '-F', '-l'),
  listing('la', '-F', '-a'),
  listing('lla', '-F', '-l', '-a'),
];
