import { callOf } from './command.ts';
import { commands } from './commands.ts';
import { absolute, withSlash } from './lfn.ts';
import { BadOption } from './options.ts';
import { newReply, type Outcome, type Reply, type ReplyData } from './reply.ts';
import type { Session, World } from './world.ts';

/** A request as it was understood. */
export interface Request {
  readonly command: string;
  readonly options: readonly string[];
}

/** What the text of a request means: a request, nothing (`not JSON`), or an object without a command, over which the server falls. */
export function readRequest(text: string): Request | 'not JSON' | 'no command' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not JSON';
  const { command, options } = value as { command?: unknown; options?: unknown };
  if (typeof command !== 'string') return 'no command';
  return { command, options: Array.isArray(options) ? options.map(String) : [] };
}

/** The reply to what is no request, and to `cp`: without a user or a directory. */
export function refusal(error: string): ReplyData {
  return { metadata: { exitcode: '-1', error }, results: [] };
}

/** The reply to what is not JSON, or only a piece of it. */
export const notJson = refusal('Incoming JSON not ok');

const helpWords = ['-h', '--h', '-help', '--help'];

/** Runs one request in a session. Never rejects: what goes wrong is in the reply. */
export async function answer(world: World, session: Session, request: Request): Promise<ReplyData> {
  if (request.command === 'cp') {
    return refusal("'cp' grid command is not implemented. Please use native client's Cp() method");
  }
  const begin = performance.now();
  const outcome = await run(world, session, request);
  return {
    metadata: {
      currentdir: withSlash(session.cwd),
      exitcode: String(outcome.exitcode),
      ...(session.timing ? { timing_ms: (performance.now() - begin).toFixed(6) } : {}),
      error: outcome.error,
      user: session.role,
    },
    results: outcome.results,
  };
}

/** A reply with another number and text than it should have. */
export function withError(reply: ReplyData, exitcode: number, error: string): ReplyData {
  return { metadata: { ...reply.metadata, exitcode: String(exitcode), error }, results: [] };
}

async function run(world: World, session: Session, { command: name, options }: Request): Promise<Outcome> {
  const { args, ...switches } = consume(options);
  if (switches.cwd !== undefined) changeDirectory(world, session, switches.cwd);
  const reply = newReply();
  const wanted = { messages: switches.messages || switches.help, keys: switches.keys };
  await runInto(reply, world, session, { command: name, options: args }, switches.help);
  return reply.outcome(wanted);
}

async function runInto(
  reply: Reply,
  world: World,
  session: Session,
  { command: name, options }: Request,
  isHelp = false,
): Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined && world.commandNames.includes(name)) return reply.fail(38, 'not in the sandbox');
  if (command === undefined) return reply.fail(2, `Command [${name}] not found!`);
  if (isHelp) return reply.print(command.usage);
  const other = (next: string, args: readonly string[]): Promise<void> =>
    runInto(reply, world, session, { command: next, options: args });
  try {
    const call = callOf(name, command, options, { world, session, reply, other });
    if (call.args.length >= (command.least ?? 0)) return await command.run(call);
    reply.fail(22, 'Command requires an argument');
    reply.print(command.usage);
  } catch (error) {
    if (error instanceof BadOption) reply.fail(22, error.message);
    else reply.fail(121, `Error executing the command [${name}]: \n${String(error)}`);
  }
}

/** What the dispatcher takes for itself, wherever it stands. */
function consume(options: readonly string[]) {
  const has = (...words: readonly string[]): boolean => options.some((one) => words.includes(one));
  const isOurs = (one: string): boolean =>
    /^-(pwd|debug)=/.test(one) || ['-silent', '-nomsg', '-nokeys', ...helpWords].includes(one);
  return {
    args: options.filter((one) => !isOurs(one)),
    cwd: options.find((one) => one.startsWith('-pwd='))?.slice('-pwd='.length),
    messages: !has('-nomsg', '-silent'),
    keys: !has('-nokeys'),
    help: has(...helpWords),
  };
}

function changeDirectory(world: World, session: Session, to: string): void {
  const path = absolute(to, session.cwd, session.home);
  if (world.catalogue.get(path)?.type === 'd') session.cwd = path;
}
