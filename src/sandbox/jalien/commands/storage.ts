import type { Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { sizeText } from '../texts.ts';
import type { StorageElement } from '../world.ts';

const listSEs: ServerCommand = {
  shape: { flags: ['s'], values: ['qos'] },
  usage: usage(
    'listSEs [-qos filter,by,qos] [-s] [SE name] [SE name] ...',
    ['-qos', 'filter the SEs based on the given QoS classes. Comma separate for AND, repeat for OR'],
    ['-s', 'print summary information'],
  ),
  run({ reply, options, world, args }) {
    const classes = options.values('qos').map((one) => one.toLowerCase().split(','));
    const asked = args.map((one) => one.toUpperCase());
    reply.print(`\x1b[1m${'SE name'.padEnd(40)} ID  Capacity  Free  QoS  Endpoint\x1b[0m`);
    for (const one of world.elements) {
      const fits = classes.length === 0 || classes.some((all) => all.every((qos) => one.qos.includes(qos)));
      if (!fits || (asked.length > 0 && !asked.includes(one.name.toUpperCase()))) continue;
      for (const [key, value] of Object.entries(described(one))) reply.set(key, value);
      reply.print(`\x1b[1m${one.name.padEnd(40)}\x1b[0m ${one.number}  -  -  ${one.qos.join(', ')}  ${one.endpoint}`);
      reply.next();
    }
  },
};

function described(one: StorageElement): Record<string, string> {
  return {
    ...{ seName: one.name, seNumber: String(one.number), totalSpace: '0', usedSpace: '0', freeSpace: '0' },
    ...{ fileCount: '0', demoteRead: '0.0', demoteWrite: '0.0', qos: one.qos.join(',') },
    endpointUrl: `${one.endpoint}${one.storagePath}`,
  };
}

const listSEDistance: ServerCommand = {
  shape: { values: ['site', 'qos'], flags: ['read'] },
  usage: usage('listSEDistance [-site SITE] [-read [<lfn name>]] [-qos <QoS>]'),
  run({ reply, world, options }) {
    const qos = options.value('qos');
    for (const [index, one] of world.elements.entries()) {
      if (qos !== undefined && !one.qos.includes(qos)) continue;
      reply.print(`${one.name.padStart(40)}\t(read: ${index / 8}, write: ${index / 8}, distance: ${index / 8})`);
    }
  },
};

const setSite: ServerCommand = {
  usage: usage('setSite [site name]'),
  run({ args, session, reply }) {
    const to = args[0] ?? 'CERN';
    reply.print(`Setting close site to ${to} (was ${session.site})`);
    session.site = to;
  },
};

const xrdstat: ServerCommand = {
  shape: { flags: ['d', 'i', 'v', 'c', 'p', 'o', 'O', '4', '6'], values: ['s'] },
  least: 1,
  usage: usage('xrdstat [-d [-i]] [-v] [-p PID,PID,...] [-s SE1,SE2,...] [-c] <filename1> [<or UUID>] ...'),
  run(call) {
    const { reply, world } = call;
    for (const given of call.args) {
      const entry = call.entry(given) ?? world.catalogue.byGuid(given);
      if (entry === undefined) {
        reply.fail(2, given);
        continue;
      }
      for (const { se, pfn } of entry.replicas) {
        const number = world.elements.find((one) => one.name === se)?.number ?? '';
        reply.print(`\t${se.padEnd(20)}\t${pfn}\tnot tested`);
        for (const [key, value] of Object.entries({ seName: se, seNumber: number, pfn })) reply.set(key, value);
        reply.set('status', 'not_tested');
        reply.next();
      }
    }
  },
};

const df: ServerCommand = { usage: usage('df'), run: ({ reply }) => reply.fail(38) };

const du: ServerCommand = {
  shape: { flags: ['n', 'c', 's'] },
  least: 1,
  usage: usage(
    'du   [-ncs] <path>',
    ['-n', 'Print raw numbers in machine readable format'],
    ['-c', 'Include collections in the summary information'],
    ['-s', 'Print a summary of all parameters'],
  ),
  run(call) {
    const { reply, options } = call;
    const sums: { readonly path: string; readonly use: Use }[] = [];
    for (const given of call.args) {
      const entry = call.entry(given);
      if (entry === undefined) reply.fail(2, given);
      else sums.push({ path: entry.path, use: useOf(call, entry) });
    }
    if (options.has('s')) {
      if (sums.length > 0) tell(call, `Summary of ${sums.length} paths`, added(sums.map(({ use }) => use)));
    } else for (const { path, use } of sums) tell(call, path, use);
  },
};

const nothing = {
  ...{ folders: 0, physical_files_count: 0, physical_files_size: 0, physical_files_replicas: 0 },
  ...{ physical_files_one_replica_size: 0, logical_files_count: 0, logical_files_size: 0 },
};
type Use = typeof nothing;

function useOf({ world }: Call, entry: Entry): Use {
  const all = entry.type === 'd' ? [entry, ...world.catalogue.below(entry.path)] : [entry];
  return added(
    all.map((one) => {
      if (one.type === 'd') return { ...nothing, folders: 1 };
      if (one.archive !== undefined) return { ...nothing, logical_files_count: 1, logical_files_size: one.size };
      return {
        ...nothing,
        physical_files_count: 1,
        physical_files_size: one.size * one.replicas.length,
        physical_files_replicas: one.replicas.length,
        physical_files_one_replica_size: one.size,
      };
    }),
  );
}

function added(uses: readonly Use[]): Use {
  const sum = { ...nothing };
  for (const use of uses) for (const key of Object.keys(sum) as (keyof Use)[]) sum[key] += use[key];
  return sum;
}

function tell({ reply, options }: Call, name: string, use: Use): void {
  const text = options.has('n') ? String : sizeText;
  const count = use.physical_files_count;
  const apparent = use.physical_files_one_replica_size + use.logical_files_size;
  reply.print(`${name}\n  Folders: ${use.folders}`);
  reply.print(`  Files: ${count + use.logical_files_count} of an apparent size of ${text(apparent)}, of which:`);
  if (count > 0) {
    const average = Number((use.physical_files_replicas / count).toFixed(2));
    const of = `${count} files of ${text(use.physical_files_size)} with ${use.physical_files_replicas} replicas`;
    const one = text(use.physical_files_one_replica_size);
    reply.print(`  - physical files: ${of} (avg ${average} replicas/file), size of one replica: ${one}`);
  }
  if (use.logical_files_count > 0) {
    reply.print(`  - archive members: ${use.logical_files_count} files of ${text(use.logical_files_size)}`);
  }
  reply.next();
  for (const [key, value] of Object.entries({ entry: name, ...use })) reply.set(key, value);
  reply.next();
}

/** Where files lie, and how much room they take. */
export const storageCommands = { listSEs, listSEDistance, setSite, xrdstat, df, du };
