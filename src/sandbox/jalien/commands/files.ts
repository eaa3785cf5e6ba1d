import { allows, type Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { baseName, isPattern, parentOf } from '../lfn.ts';
import { newEntry } from './directories.ts';
import { matches } from './listing.ts';

const emptyMd5 = 'd41d8cd98f00b204e9800998ecf8427e';

const touch: ServerCommand = {
  least: 1,
  usage: usage('touch   <file> [<file>...]'),
  run(call) {
    const { world, session } = call;
    for (const given of call.args) {
      const path = call.path(given);
      const there = world.catalogue.get(path);
      const above = world.catalogue.get(parentOf(path));
      // Where nothing can be made, success is said all the same.
      if (above?.type !== 'd' || !allows(above, session.role, 2)) continue;
      const fresh = { ...newEntry(call, path, 'f', world.now()), md5: emptyMd5 };
      world.catalogue.put(there === undefined ? fresh : { ...there, ctimeMs: fresh.ctimeMs });
    }
  },
};

const rm: ServerCommand = {
  shape: { flags: ['r', 'R', 'f', 'i', 'v', 'silent'] },
  least: 1,
  usage: usage(
    'rm   <LFN> [<LFN>[,<LFN>]]',
    ['-f', 'ignore nonexistent files, never prompt'],
    ['-r, -R', 'remove directories and their contents recursively'],
    ['-i', 'prompt before every removal (for JSh clients)'],
  ),
  run(call) {
    const { reply, options, world } = call;
    const deep = options.has('r') || options.has('R');
    for (const given of call.args) {
      const found = matches(call, given);
      if (found.length === 0) {
        if (isPattern(given)) reply.fail(2, given);
        else reply.fail(5, `Failed to remove [${call.path(given)}]`);
      }
      for (const entry of found) {
        if ((entry.type === 'd' && !deep) || !mayRemove(call, entry)) reply.fail(5, `Failed to remove [${entry.path}]`);
        else world.catalogue.remove(entry.path);
      }
    }
  },
};

/** It needs the right to write in its directory; homes and what lies above them stay. */
function mayRemove({ world, session }: Call, entry: Entry): boolean {
  const above = world.catalogue.get(parentOf(entry.path));
  return above !== undefined && entry.path !== session.home && allows(above, session.role, 2);
}

const noSource = `Error executing the command [mv]: 
java.lang.NullPointerException: Cannot invoke "alien.catalogue.LFN.getCanonicalName()" because "sLFN" is null
\tat alien.shell.commands.JAliEnCommandmv.run(JAliEnCommandmv.java:85)
`;

const mv: ServerCommand = {
  shape: { flags: ['silent'] },
  least: 2,
  usage: usage('mv  <LFN>  <newLFN>'),
  run(call) {
    const { reply, world, session } = call;
    const target = call.args.at(-1)!;
    for (const given of call.args.slice(0, -1)) {
      const source = call.entry(given);
      if (source === undefined) {
        reply.fail(121, noSource);
        continue;
      }
      const to = placeFor(call, source, call.path(target));
      const above = world.catalogue.get(parentOf(to));
      const isInside = to === source.path || to.startsWith(`${source.path}/`);
      const isFree = world.catalogue.get(to) === undefined;
      const mayWrite = above?.type === 'd' && allows(above, session.role, 2) && mayRemove(call, source);
      if (isInside || !isFree || !mayWrite) reply.fail(5, `Failed to move ${given} to ${target}`);
      else world.catalogue.move(source.path, to);
    }
  },
};

/** Into a directory that is there; beside a file that is there, as its backup. */
function placeFor({ world }: Call, source: Entry, target: string): string {
  const there = world.catalogue.get(target);
  if (there === undefined) return target;
  return there.type === 'd' ? `${target}/${baseName(source.path)}` : `${target}_backup`;
}

const chmod: ServerCommand = {
  shape: { flags: ['R'] },
  least: 2,
  usage: usage('chmod -R <octal mode> <directory/file>', ['-R', 'recursive']),
  run(call) {
    const [mode, ...paths] = call.args;
    if (!/^[0-7]{3}$/.test(mode!)) return call.reply.fail(22, `Invalid octal mode: ${mode}`);
    change(call, paths, (entry) => ({ ...entry, perm: mode! }));
  },
};

const chown: ServerCommand = {
  shape: { flags: ['R'] },
  least: 2,
  usage: usage('chown -R <user>[.<group>] <file>', ['-R', 'do a chown recursively']),
  run(call) {
    const [who, ...paths] = call.args;
    const [owner, group] = who!.split(/[.:]/);
    if (!call.world.users.has(owner!)) return call.reply.fail(22, `No such user: ${owner}`);
    if (owner !== call.session.role && call.session.role !== 'admin') return call.reply.fail(1, paths[0]);
    change(call, paths, (entry) => ({ ...entry, owner: owner!, group: group ?? entry.group }));
  },
};

function change(call: Call, paths: readonly string[], changed: (entry: Entry) => Entry): void {
  const { world, reply, session, options } = call;
  for (const given of paths) {
    const entry = call.entry(given);
    if (entry === undefined) {
      reply.fail(2, given);
      continue;
    }
    const all = options.has('R') && entry.type === 'd' ? [entry, ...world.catalogue.below(entry.path)] : [entry];
    for (const one of all) {
      if (one.owner !== session.role && session.role !== 'admin') reply.fail(1, one.path);
      else world.catalogue.put(changed(one));
    }
  }
}

/** What changes names. */
export const fileCommands = { touch, rm, mv, chmod, chown };
