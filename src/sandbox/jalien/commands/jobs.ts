import { type Call, type ServerCommand, usage } from '../command.ts';
import { contentOf } from '../content.ts';
import type { Job } from '../world.ts';

const submit: ServerCommand = {
  least: 1,
  usage: usage('submit  <URL>\n\n    <URL> => <LFN>\n    <URL> => file:///<local path>'),
  run(call) {
    const { reply, world, session } = call;
    const [given] = call.args;
    const entry = call.entry(given!);
    if (entry === undefined || entry.type !== 'f') return reply.fail(121, `Not able to get the file: ${given}`);
    const jdl = contentOf(world, entry)?.toString('utf8') ?? `Executable = "${entry.path}";`;
    const id = 1_000_000_000 + world.jobs.size + 1;
    const trace = [state(call, 'Job state transition to INSERTING'), state(call, 'Job state transition to WAITING')];
    world.putJob({ id, owner: session.role, status: 'WAITING', jdl, name: entry.path, trace });
    reply.print(`Your new job ID is ${id}`);
    reply.set('jobId', id);
  },
};

function state({ world }: Call, text: string): string {
  return `${Math.floor(world.now() / 1000)} [state     ]: ${text}`;
}

const ps: ServerCommand = {
  shape: {
    flags: ['M', 'X', 'A', 'W', 'E', 'a', 'b', 'id', 'q', 'r', 'd'],
    values: ['F', 'f', 'u', 's', 'n', 'm', 'o', 'j', 'l', 'jdl', 'trace'],
  },
  usage: usage(
    'ps   [-options]',
    ['-F l | -Fl | -L', 'long output format'],
    ['-f <flags|status>', 'any number of (long or short) upper case job states, comma separated'],
    ['-u <userlist>', ''],
    ['-j <jobidlist>', ''],
    ['-l <query-limit>', ''],
    ['-jdl <jobid>', ''],
    ['-trace <jobid>', ''],
    ['-a', 'select jobs of all users'],
  ),
  run(call) {
    const { options, world, session, reply } = call;
    const jdl = options.value('jdl');
    const trace = options.value('trace');
    if (jdl !== undefined) {
      const job = jobOf(call, jdl);
      if (job !== undefined) {
        reply.set('jdl', job.jdl);
        reply.print(job.jdl);
      }
      return;
    }
    if (trace !== undefined) {
      const job = jobOf(call, trace);
      if (job?.trace.length === 0) return reply.fail(61, `No trace of job ${trace}`);
      for (const line of job?.trace ?? []) {
        reply.set('trace', line);
        reply.print(line);
        reply.next();
      }
      return;
    }
    const ids = options.value('j')?.split(',').map(Number);
    const states = options.value('f')?.split(',');
    const users = options.value('u')?.split(',') ?? [session.role];
    const shown = [...world.jobs.values()]
      .filter((job) => options.has('a') || users.includes(job.owner))
      .filter((job) => ids === undefined || ids.includes(job.id))
      .filter((job) => states === undefined || states.some((one) => job.status.startsWith(one)))
      .slice(0, Number(options.value('l') ?? 10_000));
    for (const job of shown) tell(call, job);
  },
};

function tell({ reply, options }: Call, { id, status, name, owner }: Job): void {
  reply.set('id', id);
  if (!options.has('id')) {
    for (const [key, value] of Object.entries({ split: 0, priority: 1, status, name, node: '', owner }))
      reply.set(key, value);
  }
  const short = name.slice(name.lastIndexOf('/') + 1);
  reply.print(options.has('id') ? String(id) : `${owner.padStart(9)} ${id}   ${status.slice(0, 1).padEnd(3)} ${short}`);
  reply.next();
}

function jobOf({ world, reply }: Call, given: string): Job | undefined {
  if (!/^\d+$/.test(given)) {
    reply.fail(84, `Illegal job ID ${given}`);
    return undefined;
  }
  const job = world.jobs.get(Number(given));
  if (job === undefined) reply.fail(2, `There is no job ${given}`);
  return job;
}

const kill: ServerCommand = {
  least: 1,
  usage: usage('kill <jobId> [<jobId>[,<jobId>]]'),
  run(call) {
    changeJobs(call, 'KILLED', (job) => job.status !== 'KILLED');
  },
};

const resubmit: ServerCommand = {
  least: 1,
  usage: usage('resubmit <jobid1> <jobid2>....'),
  run(call) {
    changeJobs(call, 'WAITING', (job) => job.status === 'KILLED' || job.status.startsWith('ERROR'));
  },
};

function changeJobs(call: Call, status: string, may: (job: Job) => boolean): void {
  const { args, reply, session, world } = call;
  for (const given of args.flatMap((one) => one.split(','))) {
    if (!/^\d+$/.test(given)) {
      reply.fail(22, `Invalid job ID: ${given}`);
      continue;
    }
    const job = world.jobs.get(Number(given));
    if (job === undefined) reply.fail(2, `Job ${given} does not exist`);
    else if (job.owner !== session.role && session.role !== 'admin') reply.fail(1, `Job ${given} is not yours`);
    else {
      if (may(job)) {
        const trace = [...job.trace, state(call, `Job state transition from ${job.status} to ${status}`)];
        world.putJob({ ...job, trace, status });
      }
      reply.set('jobid', given);
      const now = world.jobs.get(job.id)!.status;
      reply.set('status', now);
      reply.print(`${given}: ${now}`);
      reply.next();
    }
  }
}

const masterjob: ServerCommand = {
  shape: { values: ['status', 'id', 'site'], flags: ['printid', 'printsite', 'bymasterid'] },
  least: 1,
  usage: usage('masterjob <jobIDs> [-options] [merge|kill|resubmit|expunge]'),
  run(call) {
    const job = jobOf(call, call.args[0]!);
    if (job === undefined) return;
    call.reply.print(`Checking the masterjob ${job.id}\nThe job ${job.id} is in status: ${job.status}`);
  },
};

const uptime: ServerCommand = {
  usage: usage('uptime'),
  run({ world, reply }) {
    const waiting = [...world.jobs.values()].filter((job) => job.status === 'WAITING');
    const users = new Set(waiting.map((job) => job.owner)).size;
    reply.set('running jobs', ' 0');
    reply.set('waiting jobs', ` ${waiting.length}`);
    reply.set('active users', ` ${users}`);
    reply.print(`0 running jobs, ${waiting.length} waiting jobs, ${users} active users`);
  },
};

const w: ServerCommand = {
  usage: usage('w'),
  run({ world, reply }) {
    const rule = '--------------------------+--------------+--------------\n';
    const waiting = [...world.jobs.values()].filter((job) => job.status === 'WAITING');
    const line = (name: string, count: number): string =>
      `     ${name.padEnd(21)}|            0 |${String(count).padStart(13)}\n`;
    const owners = [...new Set(waiting.map((job) => job.owner))];
    const lines = owners.map((owner) => line(owner, waiting.filter((job) => job.owner === owner).length));
    const value = `     Account name         |  Active jobs | Waiting jobs\n${rule}${lines.join('')}${rule}${line('TOTAL', waiting.length)}`;
    reply.set('value', value);
    reply.print(value);
  },
};

const fquota: ServerCommand = {
  least: 1,
  usage: usage('fquota <command> <options>\n\nusage: fquota list [<user>]'),
  run({ args, session, reply, world }) {
    const name = args[1] ?? session.role;
    const quota = world.quotas.files.get(name);
    if (args[0] !== 'list') return reply.fail(1, 'Only the administrators can do it');
    if (quota === undefined) return reply.fail(61, `File quota information not available for ${name}`);
    const held = [...world.catalogue.below('/')].filter((entry) => entry.type === 'f' && entry.owner === name);
    const totalSize = held.reduce((sum, entry) => sum + entry.size * entry.replicas.length, 0);
    const all = {
      username: name,
      totalSize,
      maxTotalSize: quota.maxSize,
      nbFiles: held.length,
      maxNbFiles: quota.maxFiles,
    };
    for (const [key, value] of Object.entries(all)) reply.set(key, value);
    reply.print(`${name}: ${totalSize} of ${quota.maxSize} bytes, ${held.length} of ${quota.maxFiles} files`);
  },
};

const jquota: ServerCommand = {
  least: 1,
  usage: usage('jquota <command> <options>\n\nusage: jquota list [<user>]'),
  run({ args, session, reply, world }) {
    const name = args[1] ?? session.role;
    const quota = world.quotas.jobs.get(name);
    if (args[0] !== 'list') return reply.fail(1, 'Only the administrators can do it');
    if (quota === undefined) return reply.fail(61, `No jobs quota found for user ${name}`);
    const waiting = [...world.jobs.values()].filter((job) => job.owner === name && job.status === 'WAITING').length;
    const seconds = quota.maxJobs * 86_400;
    const all = {
      username: name,
      priority: 1,
      nominalparallelJobs: quota.maxJobs,
      maxparallelJobs: quota.maxJobs,
      // Newer servers write these two so, and newer clients read them so.
      nominalParallelJobs: quota.maxJobs,
      maxParallelJobs: quota.maxJobs,
      waiting,
      running: 0,
      unfinishedJobsLast24h: waiting,
      maxUnfinishedJobs: quota.maxJobs,
      totalRunningTimeLast24h: 0,
      maxTotalRunningTime: seconds,
      totalCpuCostLast24h: 0,
      maxTotalCpuCost: seconds,
    };
    for (const [key, value] of Object.entries(all)) reply.set(key, value);
    reply.print(`${name}: ${waiting} waiting, 0 running, at most ${quota.maxJobs}`);
  },
};

const top: ServerCommand = { usage: usage('top'), run: ({ other }) => other('ps', ['-a']) };

/** No package of software is ever installed here. */
const packages: ServerCommand = {
  shape: { values: ['platform', 'p'], flags: ['a', 'all'] },
  usage: usage('packages [-platform <name>]'),
  run: ({ reply }) => reply.print('There are no packages'),
};

/** Jobs, which never run, and quotas. */
export const jobCommands = { submit, ps, top, packages, kill, resubmit, masterjob, uptime, w, fquota, jquota };
