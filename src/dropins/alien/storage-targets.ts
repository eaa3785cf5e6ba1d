import { StowageError } from '../../errors.ts';
import { gridError } from '../../grid/errno.ts';
import type { Context } from './client-command.ts';
import { sendOptions } from './send-options.ts';

/** A storage element, or any XRootD server, that a user named. */
export interface StorageTarget {
  /** For people: the name of the element, or the server. */
  readonly name: string;
  /** `root://HOST:PORT/…` */
  readonly url: string;
}

/**
 * What names of servers mean: `HOST`, `HOST:PORT` and `root://…` are themselves; a number or a name with `::` in it is an element, whose address the central server knows. Throws `usage`
 * if none is named, `missing` for an element that there is not.
 */
export async function storageTargets(
  context: Context,
  command: string,
  names: readonly string[],
): Promise<readonly StorageTarget[]> {
  if (names.length === 0) {
    throw new StowageError('usage', `${command}: name a host, or a storage element by name or number`, {
      facts: { errno: 22 },
    });
  }
  const targets: StorageTarget[] = [];
  for (const name of names) targets.push(await targetOf(context, command, name));
  return targets;
}

async function targetOf(context: Context, command: string, name: string): Promise<StorageTarget> {
  if (/^x?roots?:\/\//i.test(name)) return { name: name.split('?', 1)[0]!, url: name };
  if (!/^\d+$/.test(name) && !name.includes('::')) return { name, url: `root://${name}/` };
  const { results } = await (await context.session()).ask('listSEs', ['-nomsg'], sendOptions(context));
  const found = results.find(
    ({ seName, seNumber }) => String(seNumber) === name || String(seName).toLowerCase() === name.toLowerCase(),
  );
  if (found === undefined) throw gridError(command, 2, `there is no storage element ${name}`);
  return { name: String(found.seName), url: String(found.endpointUrl) };
}
