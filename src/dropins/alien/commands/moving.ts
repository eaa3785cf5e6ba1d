import type { ClientCommand, Context } from '../client-command.ts';
import type { Outcome } from '../outcome.ts';
import { sendOptions } from '../send-options.ts';

/** For a name that is not there the server tells a fault of its own: then it is looked up. The exit status stays the server's. */
async function move(context: Context, args: readonly string[]): Promise<Outcome> {
  const outcome = await context.server('mv', args);
  const [from, ...to] = args.filter((arg) => !arg.startsWith('-'));
  if (outcome.status === 0 || from === undefined || to.length === 0 || /[*?[]/.test(from)) return outcome;
  // Where that cannot be seen, what the server said is told.
  const isThere = await seen(context, from).catch(() => true);
  if (isThere) return outcome;
  const took = outcome.err.split('\n').filter((line) => line.startsWith('timing_ms = '));
  return { ...outcome, err: [`No such file or directory : ${from}`, ...took].join('\n') };
}

async function seen(context: Context, name: string): Promise<boolean> {
  const grid = await context.session();
  return (await grid.stat(await grid.lfn(name), sendOptions(context))) !== undefined;
}

/** Commands that give other names in the catalogue. */
export const commands: readonly ClientCommand[] = [
  {
    name: 'mv',
    summary: 'rename or move a file or a directory',
    usage: ['mv LFN NEWLFN', 'Where there is a file of the new name, the server moves what came to NEWLFN_backup.'],
    run: move,
  },
];
