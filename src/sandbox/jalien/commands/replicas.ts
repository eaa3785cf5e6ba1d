import { allows, type Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { baseName, parentOf, withSlash } from '../lfn.ts';

const whereis: ServerCommand = {
  shape: { flags: ['g', 'r', 'l'] },
  least: 1,
  usage: usage(
    'whereis   [-options] [<filename>]',
    ['-g', 'use the lfn as guid'],
    ['-r', 'resolve links (do not give back pointers to zip archives)'],
    ['-l', 'lookup the LFN of the ZIP archive (slow and expensive IO operation, only use it sparingly!)'],
  ),
  run(call) {
    const { world, reply, options } = call;
    for (const given of call.args) {
      const entry = options.has('g') ? world.catalogue.byGuid(given) : call.entry(given);
      if (entry === undefined) reply.fail(2, given);
      else if (entry.type === 'd') reply.fail(22, `The path you indicated is not a file: ${given}`);
      else tellReplicas(call, entry, given);
    }
  },
};

function tellReplicas({ reply, options, world }: Call, entry: Entry, given: string) {
  const archive = entry.archive === undefined ? undefined : world.catalogue.get(entry.archive);
  if (archive === undefined && entry.replicas.length === 0) return reply.fail(67, `The file is lost: ${given}`);
  reply.print(`the file ${baseName(entry.path)} is in\n`);
  const tell = (number: number | string, se: string, pfn: string): void => {
    reply.print(`\t SE => ${se} pfn => ${pfn}`);
    reply.set('seNumber', number);
    reply.set('seName', se);
    reply.set('pfn', pfn);
    reply.next();
  };
  if (archive !== undefined && !options.has('r')) {
    tell('', 'ArchiveMember', `guid:///${archive.guid}?ZIP=${baseName(entry.path)}`);
    return;
  }
  for (const { se, pfn } of (archive ?? entry).replicas) {
    tell(world.elements.find((one) => one.name === se)?.number ?? '', se, pfn);
  }
}

const lfn2guid: ServerCommand = {
  least: 1,
  usage: usage('lfn2guid   <filename>'),
  run({ args, entry, reply }) {
    for (const given of args) {
      const there = entry(given);
      if (there === undefined) reply.fail(2, given);
      else if (there.type === 'd') reply.fail(21, given);
      else if (there.guid === undefined) reply.fail(61, `Could not get the GUID of ${given}`);
      else {
        reply.set('lfn', there.path);
        reply.set('type', there.type);
        reply.print(`${there.path.padEnd(79)} ${there.guid}`);
        reply.set('guid', there.guid);
        reply.next();
      }
    }
  },
};

const guid2lfn: ServerCommand = {
  least: 1,
  usage: usage('guid2lfn   <GUID>'),
  run({ args, world, reply }) {
    for (const guid of args) {
      const entry = world.catalogue.byGuid(guid);
      reply.set('guid', guid);
      if (entry === undefined) {
        reply.set('error', 'No GUID');
        reply.fail(2, `GUID cannot be found in the database: ${guid}`);
      } else {
        reply.set('lfn', entry.path);
        reply.print(`${guid}   ${entry.path}`);
      }
      reply.next();
    }
  },
};

const md5sum: ServerCommand = {
  least: 1,
  usage: usage('md5sum <filename1> [<or guid>] ...'),
  run({ args, entry, world, reply }) {
    for (const given of args) {
      const there = entry(given) ?? world.catalogue.byGuid(given);
      if (there === undefined) reply.fail(2, given);
      else if (there.type === 'd') reply.fail(22, `This entry is not a file: ${given}`);
      else if (there.md5 === undefined) reply.fail(61, `This file doesn't have a valid MD5 checksum: ${given}`);
      else reply.print(`${there.md5}\t${given}`);
    }
  },
};

const deleteMirror: ServerCommand = {
  shape: { flags: ['g'] },
  least: 2,
  usage: usage('deleteMirror [-g] <lfn> <se> [<md5>]', ['-g', 'the lfn is a guid']),
  run({ args, entry, options, world, session, reply }) {
    const [given, se] = args;
    const there = options.has('g') ? world.catalogue.byGuid(given!) : entry(given!);
    if (there === undefined) return reply.fail(2, given);
    if (!allows(world.catalogue.get(parentOf(there.path))!, session.role, 2)) return reply.fail(1, given);
    const replicas = there.replicas.filter((one) => one.se.toUpperCase() !== se!.toUpperCase());
    if (replicas.length === there.replicas.length) return reply.fail(22, `No replica of this file on ${se}`);
    world.catalogue.put({ ...there, replicas });
    reply.print(`Mirror scheduled to be deleted from ${se}`);
  },
};

const listFilesFromCollection: ServerCommand = {
  shape: { flags: ['v', 'z'] },
  least: 1,
  usage: usage('listFilesFromCollection [-options] collection', ['-v', 'show detailed error information']),
  run({ args, entry, reply }) {
    const there = entry(args[0]!);
    if (there?.members === undefined) return reply.fail(22, `Not a collection: ${args[0]}`);
    for (const lfn of there.members) {
      reply.set('lfn', lfn);
      reply.print(lfn);
      reply.next();
    }
  },
};

const lfnexpiretime: ServerCommand = {
  shape: { flags: ['r', 'e'], values: ['d', 'w', 'm', 'y'] },
  least: 1,
  usage: usage('lfnexpiretime  -d|-w|-m|-y <number> <file> ...', ['-r', 'remove the expire time']),
  run({ args, entry, options, world, reply }) {
    const days = Number(options.value('d') ?? 0) + 7 * Number(options.value('w') ?? 0);
    const expire = Math.floor(world.now() / 1000) + 86_400 * (days + 31 * Number(options.value('m') ?? 0));
    for (const given of args) {
      const there = entry(given);
      if (there === undefined) {
        reply.fail(2, given);
        continue;
      }
      const { expire: _, ...rest } = there;
      world.catalogue.put(options.has('r') ? rest : { ...rest, expire });
      reply.print(there.type === 'd' ? withSlash(there.path) : there.path);
    }
  },
};

/** Files, their GUIDs, and where they lie. */
export const replicaCommands = {
  whereis,
  lfn2guid,
  guid2lfn,
  md5sum,
  deleteMirror,
  listFilesFromCollection,
  lfnexpiretime,
};
