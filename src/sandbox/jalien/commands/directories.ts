import { allows, type Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { parentOf, withSlash } from '../lfn.ts';

const cd: ServerCommand = {
  usage: usage('cd [dir]'),
  run({ args, session, entry, reply }) {
    const [to] = args;
    const there = entry(to ?? session.home);
    if (there === undefined) return reply.fail(2);
    if (there.type !== 'd') return reply.fail(20, to);
    session.cwd = there.path;
  },
};

const pwd: ServerCommand = {
  usage: usage('pwd'),
  run({ session, reply }) {
    reply.set('pwd', withSlash(session.cwd));
    reply.print(withSlash(session.cwd));
  },
};

const mkdir: ServerCommand = {
  shape: { flags: ['p', 's', 'silent'] },
  least: 1,
  usage: usage(
    'mkdir   [-options] <directory> [<directory>[,<directory>]]',
    ['-p', 'create parents as needed'],
    ['-silent', 'execute command silently'],
  ),
  run(call) {
    for (const given of call.args) {
      if (!makeDirectory(call, call.path(given), call.options.has('p'))) {
        call.reply.fail(2, `Could not create directory: ${given}`);
      }
    }
  },
};

/** False if it could not be made. A directory that is there is one that was made. */
export function makeDirectory(call: Pick<Call, 'world' | 'session'>, path: string, withParents: boolean): boolean {
  const { catalogue, now } = call.world;
  const there = catalogue.get(path);
  if (there !== undefined) return there.type === 'd';
  const parent = parentOf(path);
  if (catalogue.get(parent) === undefined && !(withParents && makeDirectory(call, parent, true))) return false;
  const above = catalogue.get(parent);
  if (above?.type !== 'd' || !allows(above, call.session.role, 2)) return false;
  catalogue.put(newEntry(call, path, 'd', now()));
  return true;
}

/** An entry of the one who asks, with nothing in it. */
export function newEntry(
  call: Pick<Call, 'session'>,
  path: string,
  type: Entry['type'],
  ms: number,
): Omit<Entry, 'id'> {
  const { role } = call.session;
  // Seconds, as the database has them.
  const ctimeMs = Math.floor(ms / 1000) * 1000;
  return { path, type, owner: role, group: role, perm: '755', ctimeMs, size: 0, replicas: [] };
}

const rmdir: ServerCommand = {
  shape: { flags: ['p', 'v', 's', 'silent'] },
  least: 1,
  usage: usage('rmdir   [<options>] <directory>', ['-p', 'remove parents too'], ['-v', 'verbose']),
  run(call) {
    for (const given of call.args) removeDirectory(call, given);
  },
};

function removeDirectory({ world, session, reply, path, entry }: Call, given: string) {
  const there = entry(given);
  if (there === undefined) return reply.fail(2, given);
  if (there.type !== 'd') return reply.fail(20, given);
  const above = world.catalogue.get(parentOf(there.path));
  const isOurs = above !== undefined && allows(above, session.role, 2);
  if (!isOurs || path(given) === session.cwd || path(given) === session.home) return reply.fail(1, given);
  if (world.catalogue.children(there.path).length > 0) return reply.fail(5, given);
  world.catalogue.remove(there.path);
}

/** Where one is, and the directories themselves. */
export const directoryCommands = { cd, pwd, mkdir, rmdir };
