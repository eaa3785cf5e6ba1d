import type { GridSession } from '../../grid/connect.ts';
import { type Environment, isOn } from '../../grid/environment.ts';
import { needsHome } from '../../grid/lfn.ts';
import type { Context } from './client-command.ts';
import { answered, type Outcome } from './outcome.ts';
import { sendOptions } from './send-options.ts';
import { unknownCommand } from './suggest.ts';

/** What the commands of a server are sent by. */
export interface ServerCommandOptions {
  readonly env: Environment;
  context(): Pick<Context, 'session' | 'signal'>;
  /** Whether the command that runs is answered as JSON. */
  isJson(): boolean;
}

/** Sends a command as a user gave it: `~` is filled in, and our own way of asking for keys and messages is added. */
export function serverCommand({ env, context, isJson }: ServerCommandOptions): Context['server'] {
  const isFull = isOn(env, 'ALIENPY_JSONRAW') || isOn(env, 'ALIENPY_DEBUG');
  return async (command, args) => {
    const { session, signal } = context();
    const grid = await session();
    const named = args.some(needsHome) ? await withHome(grid, args) : args;
    const wanted = named.filter((arg) => !/^-(showkeys|showmsg|allkeys)$/.test(arg));
    const asIs = isJson() || isFull || wanted.length < named.length || wanted.includes('-nokeys');
    const reply = await grid.send(command, asIs ? wanted : [...wanted, '-nokeys'], sendOptions({ signal }));
    const isUnknown = reply.exitCode === 2 && reply.error.includes(`Command [${command}] not found!`);
    if (isUnknown && !isOn(env, 'ALIENPY_ALLOW_UNKNOWN_CMDS')) return unknown(grid, command);
    const withKeys = reply.exitCode === 0 && wanted.length < named.length && !isJson();
    return withKeys ? answered(reply, keysText(reply.results)) : answered(reply);
  };
}

async function unknown(grid: GridSession, command: string): Promise<Outcome> {
  const { results } = await grid.send('commandlist', ['-nomsg']);
  return unknownCommand(
    command,
    results.map((one) => String(one.commandlist)),
  );
}

async function withHome(grid: GridSession, args: readonly string[]): Promise<readonly string[]> {
  return Promise.all(args.map((arg) => (needsHome(arg) ? grid.lfn(arg) : arg)));
}

function keysText(results: readonly Readonly<Record<string, unknown>>[]): string {
  return results
    .map((one) =>
      Object.entries(one)
        .map(([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join('\n'),
    )
    .join('\n\n');
}
