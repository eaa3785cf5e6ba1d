import type { ClientCommand, Context } from '../client-command.ts';
import { type Outcome, said } from '../outcome.ts';
import { serverCommands } from '../server-commands.ts';

async function help(context: Context, args: readonly string[]): Promise<Outcome> {
  const [name] = args;
  if (name !== undefined) {
    const own = await context.own.find(name);
    return own === undefined ? context.server(name, ['-h']) : said(helpText(own));
  }
  return said(await overview(context));
}

/** What a command of ours takes and does. */
export function helpText({ name, summary, usage }: ClientCommand): string {
  return [
    `${name}: ${summary}`,
    '',
    `usage: ${usage[0] ?? name}`,
    ...usage.slice(1).map((line) => `  ${line}`.trimEnd()),
  ].join('\n');
}

async function overview(context: Context): Promise<string> {
  const known = await serverNames(context);
  const own = await context.own.all();
  const width = Math.max(...own.map(({ name }) => name.length)) + 2;
  const theirs = known.filter((name) => !context.own.names.includes(name));
  return [
    'Our own commands (help NAME says more):',
    ...[...own]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    '',
    'Commands of the server (help NAME asks it):',
    ...columns(theirs),
    '',
    'Several commands in a line: a; b.   ! COMMAND runs a command here.   COMMAND | PROGRAM pipes what it prints.',
    '-json after a command prints its reply as JSON. alien.py term is a prompt of Node with the session in it.',
  ].join('\n');
}

/** What the server says it has; without one, what servers were seen to have. */
async function serverNames(context: Context): Promise<readonly string[]> {
  try {
    const grid = await context.session();
    const options = context.signal === undefined ? {} : { signal: context.signal };
    const { results } = await grid.ask('commandlist', ['-nomsg'], options);
    return results
      .map((one) => String(one.commandlist))
      .filter((name) => !name.endsWith('_csd'))
      .sort();
  } catch {
    context.tell('The server was not reached: these are the commands that servers usually have.');
    return [...serverCommands].sort();
  }
}

function columns(names: readonly string[]): readonly string[] {
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const perLine = Math.max(1, Math.floor(76 / width));
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += perLine) {
    lines.push(
      `  ${names
        .slice(at, at + perLine)
        .map((name) => name.padEnd(width))
        .join('')
        .trimEnd()}`,
    );
  }
  return lines;
}

const shape: Omit<ClientCommand, 'name'> = {
  summary: 'list the commands, or tell of one',
  usage: ['help [COMMAND]', '? COMMAND and COMMAND -h are the same.'],
  run: help,
};

/** The commands that help. */
export const commands: readonly ClientCommand[] = [
  { name: 'help', ...shape },
  { name: '?', ...shape },
];
