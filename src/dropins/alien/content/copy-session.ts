import { type CopyParts, copyParts } from '../../../grid/copy/copy-parts.ts';
import type { Context } from '../client-command.ts';
import { sendOptions } from '../send-options.ts';
import type { LfnCopyOptions } from './lfn-copy.ts';

/** What copying needs, in the session of a run. Whoever asked for it closes it. */
export async function copySession(context: Context): Promise<CopyParts> {
  return copyParts(await context.session(), { env: context.env, connections: 2 });
}

/** How the LFNs of a command are read: what ends the run ends that, and a replica of no use is told. */
export function readingOptions(context: Context, command: string): LfnCopyOptions {
  return {
    ...sendOptions(context),
    dropped: ({ se, reason }) => context.tell(`${command}: the replica at ${se} is of no use: ${reason.message}`),
  };
}
