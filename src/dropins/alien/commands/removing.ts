import type { ClientCommand, Context } from '../client-command.ts';
import type { Outcome } from '../outcome.ts';
import { sendOptions } from '../send-options.ts';

/** Of several names the server tells the last error only: what is still there is looked up, so that each is told. */
async function remove(context: Context, command: 'rm' | 'rmdir', args: readonly string[]): Promise<Outcome> {
  const end = args.indexOf('--');
  const names = args.filter((arg, at) => (end >= 0 && at > end) || !arg.startsWith('-'));
  const outcome = await context.server(command, args);
  if (outcome.status === 0 || names.length < 2) return outcome;
  const grid = await context.session();
  const plain = names.filter((name) => !/[*?[]/.test(name));
  const lfns = await Promise.all(plain.map((name) => grid.lfn(name)));
  const found = await grid.statAll(lfns, sendOptions(context));
  const left = lfns.filter((lfn) => found.has(lfn));
  const told = left.length === 0 ? 'nothing of these names is there now' : `still there: ${left.join(', ')}`;
  return { ...outcome, err: `${outcome.err}\n${told}` };
}

/** Commands that take names out of the catalogue. */
export const commands: readonly ClientCommand[] = [
  {
    name: 'rm',
    summary: 'remove files',
    usage: [
      'rm [-r] [-f] LFN...',
      '-r  directories and all that is in them    -f  as the server has it: what was not there is an error all the same',
      'Exit status 0 only if everything was removed. Where something of several names was not, what is still there is told.',
    ],
    run: (context, args) => remove(context, 'rm', args),
  },
  {
    name: 'rmdir',
    summary: 'remove empty directories',
    usage: ['rmdir [-p] LFN...', 'Where something of several names was not removed, what is still there is told.'],
    run: (context, args) => remove(context, 'rmdir', args),
  },
];
