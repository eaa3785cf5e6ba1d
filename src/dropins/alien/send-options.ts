import type { SendOptions } from '../../grid/session.ts';
import type { Context } from './client-command.ts';

/** How the commands of a run are sent: what ends the run ends them. */
export function sendOptions({ signal }: Pick<Context, 'signal'>): SendOptions {
  return signal === undefined ? {} : { signal };
}
