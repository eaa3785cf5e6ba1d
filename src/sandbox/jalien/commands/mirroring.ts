import { createHash } from 'node:crypto';
import { allows, type Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { contentOf, putContent } from '../content.ts';
import { parentOf } from '../lfn.ts';
import { pfnOf } from '../new-world.ts';

const mirror: ServerCommand = {
  shape: { flags: ['g'] },
  least: 2,
  usage: usage('mirror [-g] <lfn> <SE> [<SE>]...', ['-g', 'the lfn is a guid']),
  run(call) {
    const { world, session, reply, options } = call;
    const [given, ...names] = call.args;
    const entry = options.has('g') ? world.catalogue.byGuid(given!) : call.entry(given!);
    if (entry === undefined) return reply.fail(2, given);
    if (entry.type !== 'f') return reply.fail(22, `The path you indicated is not a file: ${given}`);
    if (!allows(world.catalogue.get(parentOf(entry.path))!, session.role, 2)) return reply.fail(1, given);
    for (const name of names) {
      const why = mirrored(call, entry.path, name);
      if (why !== undefined) reply.fail(121, `${name}: ${why}`);
      else reply.print(`${name}: the transfer of ${entry.path} is done`);
    }
  },
};

/** Copies a file to a storage element and puts it into the catalogue; or says why not. */
function mirrored({ world }: Call, path: string, name: string): string | undefined {
  const entry = world.catalogue.get(path)!;
  const element = world.elements.find((one) => one.name.toUpperCase() === name.toUpperCase());
  if (element === undefined) return 'there is no such storage element';
  if (entry.replicas.some(({ se }) => se === element.name)) return 'it has this file already';
  if (element.folder === undefined) return 'the server cannot write to it';
  const content = contentOf(world, entry);
  if (content === undefined) return 'no replica can be read';
  if (!isWhole(entry, content)) return 'the replica that was read is not what the catalogue says';
  const pfn = pfnOf(element, entry.guid!);
  try {
    putContent(element, pfn, content);
  } catch (error) {
    return String(error);
  }
  world.catalogue.put({ ...entry, replicas: [...entry.replicas, { se: element.name, pfn }] });
  return undefined;
}

function isWhole({ size, md5 }: Entry, content: Buffer): boolean {
  return content.length === size && (md5 === undefined || createHash('md5').update(content).digest('hex') === md5);
}

const listTransfer: ServerCommand = {
  shape: {
    values: ['status', 'user', 'id', 'destination', 'list'],
    flags: ['master', 'verbose', 'summary', 'all_status'],
  },
  usage: usage('listTransfer [options]'),
  run: ({ reply }) => reply.print('No transfer is under way'),
};

/** Further replicas. A transfer is done before its command is answered, so that none is ever waited for. */
export const mirroringCommands = { mirror, listTransfer };
