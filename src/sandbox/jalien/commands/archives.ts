import { registerMembers } from '../archive-members.ts';
import { allows } from '../catalogue.ts';
import { type ServerCommand, usage } from '../command.ts';
import { parentOf } from '../lfn.ts';

/** Of this sandbox alone: on the real Grid, jobs leave their archives registered. */
const registerArchive: ServerCommand = {
  hidden: true,
  least: 1,
  usage: usage(
    'registerArchive <archive> [<directory>]   sandbox only: puts the members of a zip archive into the catalogue',
  ),
  run({ args, entry, path, world, session, reply }) {
    const archive = entry(args[0]!);
    if (archive?.type !== 'f') return reply.fail(2, args[0]);
    const directory = args[1] === undefined ? parentOf(archive.path) : path(args[1]);
    const into = world.catalogue.get(directory);
    if (into?.type !== 'd') return reply.fail(2, directory);
    if (!allows(into, session.role, 2)) return reply.fail(1, directory);
    try {
      for (const member of registerMembers(world, archive, directory)) {
        reply.set('lfn', member.path);
        reply.print(member.path);
        reply.next();
      }
    } catch (error) {
      reply.fail(121, error instanceof Error ? error.message : String(error));
    }
  },
};

export const archiveCommands = { registerArchive };
