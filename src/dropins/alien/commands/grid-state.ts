import type { GridResult } from '../../../grid/reply.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { answered, failed, type Outcome, said } from '../outcome.ts';
import { localTime } from '../prompt.ts';
import { sendOptions } from '../send-options.ts';

async function listSes(context: Context) {
  return (await context.session()).ask('listSEs', ['-nomsg'], sendOptions(context));
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/]+)/i.exec(url)?.[1] ?? url;
}

async function getSE(context: Context, args: readonly string[]): Promise<Outcome> {
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const matches = ({ seName, seNumber, endpointUrl }: GridResult) =>
    wanted.length === 0 ||
    wanted.some((one) =>
      /^\d+$/.test(one)
        ? String(seNumber) === one
        : `${seName} ${endpointUrl}`.toLowerCase().includes(one.toLowerCase()),
    );
  const reply = await listSes(context);
  const found = reply.results.filter(matches);
  if (found.length === 0) return failed(2, `getSE: there is no storage element like ${wanted.join(', ')}`);
  const lines = found.map(({ seName, seNumber, endpointUrl }) => {
    if (args.includes('-id')) return String(seNumber);
    if (args.includes('-name')) return String(seName);
    if (args.includes('-srv')) return hostOf(String(endpointUrl));
    return `${String(seNumber).padEnd(6)}${String(seName).padEnd(32)}${hostOf(String(endpointUrl))}`;
  });
  return answered({ ...reply, results: found }, lines.join('\n'));
}

async function seQos(context: Context, [name]: readonly string[]): Promise<Outcome> {
  if (name === undefined) return failed(22, 'SEqos: name a storage element');
  const { results } = await listSes(context);
  const found = results.find(({ seName }) => String(seName).toLowerCase() === name.toLowerCase());
  return found === undefined
    ? failed(2, `SEqos: there is no ${name}`)
    : said(String(found.qos), { results: [{ qos: found.qos! }] });
}

/** The entries of listCEs whose value behind this option holds the text, by whatever names the server has for them. */
async function getCE(context: Context, args: readonly string[]): Promise<Outcome> {
  const keys = { '-name': /name/i, '-host': /host/i, '-part': /part/i } as const;
  const asked = Object.entries(keys).flatMap(([option, key]) => {
    const at = args.indexOf(option);
    return at < 0 ? [] : [{ key, text: (args[at + 1] ?? '').toLowerCase() }];
  });
  const reply = await (await context.session()).send('listCEs', [], sendOptions(context));
  if (reply.exitCode !== 0) return answered(reply);
  const results = reply.results.filter((one) =>
    asked.every(({ key, text }) =>
      Object.entries(one).some(([name, value]) => key.test(name) && String(value).toLowerCase().includes(text)),
    ),
  );
  return answered({ ...reply, results });
}

async function siteJobs(context: Context, args: readonly string[]): Promise<Outcome> {
  const [site] = args.filter((arg, at) => !arg.startsWith('-') && !['-status', '-user'].includes(args[at - 1] ?? ''));
  if (site === undefined) return failed(22, 'siteJobs: name a site');
  const behind = (option: string) => (args.includes(option) ? args[args.indexOf(option) + 1] : undefined);
  const status = args.includes('-running') ? 'RUNNING' : behind('-status');
  const user = behind('-user');
  const sent = [
    '-s',
    site,
    ...(user === undefined ? ['-a'] : ['-u', user]),
    ...(status === undefined ? [] : ['-f', status]),
  ];
  const reply = await (await context.session()).send('ps', sent, sendOptions(context));
  return args.includes('-id')
    ? answered(reply, reply.results.map(({ id }) => String(id ?? '')).join('\n'))
    : answered(reply);
}

async function jobInfo(context: Context, args: readonly string[]): Promise<Outcome> {
  const ids = args.filter((arg) => !arg.startsWith('-')).flatMap((arg) => arg.split(','));
  if (ids.length === 0) return failed(22, 'jobInfo: name jobs');
  const wanted = ['trace', 'jdl'].filter((one) => args.includes(`-${one}`));
  const parts = wanted.length === 0 ? ['trace', 'jdl'] : wanted;
  const grid = await context.session();
  const jobs: Record<string, unknown>[] = [];
  for (const id of ids) {
    const job: Record<string, unknown> = { id };
    for (const part of parts) {
      const reply = await grid.ask('ps', [`-${part}`, id], sendOptions(context));
      const text = reply.results.map((one) => String(one[part] ?? one.message ?? '')).join('\n');
      job[part] = part === 'jdl' ? text : traceLines(text, args.includes('-unixtime'), args.includes('-proc'));
    }
    jobs.push(job);
  }
  return said(JSON.stringify(jobs, undefined, 2), jobs);
}

function traceLines(text: string, unixTime: boolean, withProc: boolean) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && (withProc || !/\bproc\b/i.test(line)))
    .map((line) => {
      const [, seconds, rest] = /^(\d{10})\s*:?\s*(.*)$/.exec(line) ?? [];
      if (seconds === undefined) return { text: line };
      return { time: unixTime ? Number(seconds) : localTime(new Date(Number(seconds) * 1000)), text: rest };
    });
}

/** Times at the beginning of the lines of a trace become those of this machine. */
async function ps(context: Context, args: readonly string[]): Promise<Outcome> {
  const outcome = await context.server('ps', args);
  if (!args.includes('-trace')) return outcome;
  const out = outcome.out.replace(/^(\d{10})(?!\d)/gm, (_, seconds: string) =>
    localTime(new Date(Number(seconds) * 1000)).replace('T', ' '),
  );
  return { ...outcome, out };
}

async function submit(context: Context, args: readonly string[]): Promise<Outcome> {
  const [jdl, ...rest] = args;
  if (jdl === undefined) return failed(22, 'submit: name a JDL');
  if (/^file:/i.test(jdl))
    return failed(22, 'submit: a JDL of this machine cannot be submitted; copy it to the Grid first');
  const grid = await context.session();
  return context.server('submit', [await grid.lfn(jdl), ...rest]);
}

async function quota(context: Context, args: readonly string[]): Promise<Outcome> {
  const grid = await context.session();
  const list = ['-nomsg', 'list', ...args];
  const replies = [
    await grid.send('jquota', list, sendOptions(context)),
    await grid.send('fquota', list, sendOptions(context)),
  ];
  const failure = replies.find(({ exitCode }) => exitCode !== 0);
  if (failure !== undefined) return answered(failure);
  // Servers write the names of the keys differently.
  const values = new Map(
    replies.flatMap(({ results }) =>
      Object.entries(results[0] ?? {}).map(([key, value]) => [key.toLowerCase(), Number(value)] as const),
    ),
  );
  const name = String(replies[1]!.results[0]?.username ?? '');
  const row = (title: string, used: string, most: string, unit = (value: number) => String(value)) => {
    const [have, limit] = [values.get(used.toLowerCase()) ?? 0, values.get(most.toLowerCase()) ?? -1];
    const share = limit > 0 ? `${((100 * have) / limit).toFixed(2)} %` : 'no limit';
    return `${title.padEnd(28)}${unit(have)} of ${limit > 0 ? unit(limit) : '-'}\t(${share})`;
  };
  const gib = (value: number) => `${(value / 2 ** 30).toFixed(3)} GiB`;
  const hours = (value: number) => `${(value / 3600).toFixed(2)} h`;
  const text = [
    `Quotas of ${name}`,
    `${'Priority'.padEnd(28)}${values.get('priority') ?? '-'}`,
    row('Running jobs', 'running', 'maxParallelJobs'),
    `${'Waiting jobs'.padEnd(28)}${values.get('waiting') ?? 0}`,
    row('Unfinished jobs (24 h)', 'unfinishedJobsLast24h', 'maxUnfinishedJobs'),
    row('CPU cost (24 h)', 'totalCpuCostLast24h', 'maxTotalCpuCost', hours),
    row('Running time (24 h)', 'totalRunningTimeLast24h', 'maxTotalRunningTime', hours),
    row('Files', 'nbFiles', 'maxNbFiles'),
    row('Bytes', 'totalSize', 'maxTotalSize', gib),
  ].join('\n');
  return said(text, { results: replies.map(({ results }) => results[0] ?? {}) });
}

/** Commands about storage elements, jobs and quotas. */
export const commands: readonly ClientCommand[] = [
  {
    name: 'getSE',
    summary: 'list storage elements by number, name or host',
    usage: [
      'getSE [-id | -name | -srv] [TEXT...]',
      'A number is the number of an element; other text is looked for in name and URL.',
    ],
    run: getSE,
  },
  { name: 'SEqos', summary: 'print what a storage element is for', usage: ['SEqos SE'], run: seQos },
  {
    name: 'getCE',
    summary: 'list computing elements',
    usage: ['getCE [-name TEXT] [-host TEXT] [-part TEXT]'],
    run: getCE,
  },
  {
    name: 'siteJobs',
    summary: 'list the jobs at a site',
    usage: ['siteJobs SITE [-id] [-running] [-status STATUS] [-user USER]', '-id  print their numbers only'],
    run: siteJobs,
  },
  {
    name: 'jobInfo',
    summary: 'print trace and JDL of jobs as JSON',
    usage: [
      'jobInfo ID[,ID...] [-trace] [-jdl] [-proc] [-unixtime]',
      '-proc  with the lines about resources    -unixtime  times in seconds since 1970',
    ],
    run: jobInfo,
  },
  {
    name: 'ps',
    summary: 'list jobs',
    usage: [
      'ps [OPTIONS]',

      '-trace ID  with times of this machine',
      '-j ID  -u USER  -s SITE  -f STATUS  -a  all users',
    ],
    run: ps,
  },
  { name: 'submit', summary: 'submit a job', usage: ['submit LFN [ARGUMENTS...]'], run: submit },
  { name: 'quota', summary: 'print the quotas of a user', usage: ['quota [USER]'], run: quota },
];
