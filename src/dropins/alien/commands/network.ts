import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { authorityOf, endpointsOf } from '../../../grid/connection/endpoints.ts';
import { isLocalName, localPath } from '../../../grid/lfn.ts';
import { networkReason } from '../../../grid/network-reason.ts';
import { displayText } from '../../../model/byte-name.ts';
import { ccdbDownload } from '../ccdb-download.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { failed, type Outcome, said } from '../outcome.ts';

const connectMs = 3000;

async function checkAddr(context: Context, args: readonly string[]): Promise<Outcome> {
  const [host, port] = args.filter((arg) => arg !== 'reference');
  const endpoint = endpointsOf(context.env).at(-1)!;
  const target = {
    ...endpoint,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
  const found = await lookup(target.host, { all: true }).catch(() => []);
  if (found.length === 0) return failed(1, `checkAddr: there is no host ${target.host}`);
  const tried = await Promise.all(
    found.map(async ({ address }) => ({ address, took: await timeToConnect(address, target.port) })),
  );
  const lines = tried.map(
    ({ address, took }) =>
      `${authorityOf({ ...target, host: address })}  ${typeof took === 'string' ? took : `${took.toFixed(1)} ms`}`,
  );
  const works = tried.some(({ took }) => typeof took === 'number');
  return { ...said(lines.join('\n'), tried), status: works ? 0 : 1 };
}

function timeToConnect(host: string, port: number): Promise<number | string> {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMs });
    const end = (answer: number | string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(performance.now() - started));
    socket.on('timeout', () => end('no answer'));
    socket.on('error', (error) => end(networkReason(error)));
  });
}

async function fetched(
  url: string,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  const limit = AbortSignal.timeout(30_000);
  const reply = await fetch(url, {
    headers: { Accept: 'application/json', ...headers },
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  }).catch((error: unknown) => {
    // What went wrong stands in the cause, where there is one.
    throw new Error(`${url}: ${networkReason((error as Error).cause ?? error)}`, { cause: error });
  });
  if (!reply.ok) throw new Error(`${url} answers with HTTP ${reply.status}`);
  return reply.json();
}

async function queryMl(context: Context, [predicate]: readonly string[]): Promise<Outcome> {
  if (predicate === undefined) return failed(22, 'queryML: name what to ask for');
  const url = `http://alimonitor.cern.ch/rest/${predicate.split('/').map(encodeURIComponent).join('/')}?Accept=application/json`;
  try {
    const value = (await fetched(url, context.signal, {})) as { results?: readonly Record<string, unknown>[] };
    const rows = value.results ?? [];
    if (rows.length === 0) return said('', value);
    const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return said(
      [keys.join('\t'), ...rows.map((row) => keys.map((key) => String(row[key] ?? '')).join('\t'))].join('\n'),
      value,
    );
  } catch (error) {
    return failed(5, `queryML: ${error instanceof Error ? error.message : error}`);
  }
}

async function ccdb(context: Context, args: readonly string[]): Promise<Outcome> {
  const behind = (option: string) => (args.includes(option) ? args[args.indexOf(option) + 1] : undefined);
  const valued = ['-host', '-limit', '-header', '-run', '-objtime', '-dst'];
  const unable = ['-mirror', '-report'].find((one) => args.includes(one));
  if (unable !== undefined) return failed(38, `ccdb: ${unable} is not in this version; nothing was done`);
  const [path] = args.filter((arg, at) => !arg.startsWith('-') && !valued.includes(args[at - 1] ?? ''));
  if (path === undefined) return failed(22, 'ccdb: name a path');
  const host = behind('-host') ?? 'alice-ccdb.cern.ch';
  const time = behind('-objtime');
  const run = behind('-run');
  const way = args.includes('-history') ? 'browse' : 'latest';
  const url = [
    `http://${host}/${way}`,
    path.replace(/^\/|\/$/g, ''),
    ...(time === undefined ? [] : [time]),
    ...(run === undefined ? [] : [`runNumber=${run}`]),
  ].join('/');
  const [name, value] = (behind('-header') ?? '').split('=', 2);
  const headers = {
    ...(behind('-limit') === undefined ? {} : { 'Browse-Limit': behind('-limit')! }),
    ...(name && value !== undefined ? { [name]: value } : {}),
  };
  try {
    const found = (await fetched(url, context.signal, headers)) as { objects?: readonly Record<string, unknown>[] };
    if (args.includes('-get')) return await gotten(context, host, found.objects ?? [], behind('-dst') ?? '.');
    const when = (at: unknown) => (args.includes('-unixtime') ? String(at) : new Date(Number(at)).toISOString());
    const lines = (found.objects ?? []).map((one) =>
      [
        one.path,
        one.id,
        `created ${when(one.Created ?? one.createTime)}`,
        `valid ${when(one.validFrom)} to ${when(one.validUntil)}`,
        `${one.size ?? '?'} bytes`,
      ].join('  '),
    );
    return lines.length === 0 ? failed(2, `ccdb: there is nothing at ${path}`) : said(lines.join('\n'), found);
  } catch (error) {
    return failed(5, `ccdb: ${error instanceof Error ? error.message : error}`);
  }
}

/** Each object into a file of the name that the database has for it. */
async function gotten(
  { signal }: Context,
  host: string,
  objects: readonly Record<string, unknown>[],
  folder: string,
): Promise<Outcome> {
  if (objects.length === 0) return failed(2, 'ccdb: there is nothing to get');
  const lines: string[] = [];
  const wrong: string[] = [];
  for (const one of objects) {
    const id = String(one.id ?? one.ETag ?? '').replaceAll('"', '');
    const name = String(one.fileName ?? id)
      .split('/')
      .at(-1)!;
    const md5 = String(one.MD5 ?? one['Content-MD5'] ?? '').toLowerCase();
    const size = Number(one.size ?? one['Content-Length'] ?? Number.NaN);
    try {
      if (!/^[\w-]+$/.test(id) || name === '' || name === '.' || name === '..')
        throw new Error('it has no id or no name');
      if (!/^[0-9a-f]{32}$/.test(md5)) throw new Error('the database tells no MD5 to check it by');
      const path = resolve(isLocalName(folder) ? localPath(folder) : folder, name);
      const bytes = Number.isFinite(size) ? size : undefined;
      const isThere = await ccdbDownload({ url: `http://${host}/download/${id}`, md5, bytes }, path, signal);
      lines.push(`${path}${isThere ? ' is there already' : ''}`);
    } catch (error) {
      wrong.push(`ccdb: ${displayText(name)}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { ...said(lines.join('\n')), err: wrong.join('\n'), status: wrong.length === 0 ? 0 : 1 };
}

/** Commands that ask others than the central server. */
export const commands: readonly ClientCommand[] = [
  {
    name: 'checkAddr',
    summary: 'can the addresses of a server be reached?',
    usage: ['checkAddr [reference] [HOST [PORT]]', 'The central server if no host is given. Needs no connection.'],
    run: checkAddr,
  },
  {
    name: 'queryML',
    summary: 'ask MonALISA',
    usage: ['queryML PREDICATE', 'Needs no connection to the central server.'],
    run: queryMl,
  },
  {
    name: 'ccdb',
    summary: 'list objects of the conditions database, or get them',
    usage: [
      'ccdb [OPTIONS] PATH',
      '-host HOST  -history  -limit N  -unixtime  -header KEY=VALUE  -run N  -objtime MS',
      '-get  into this directory, or that of -dst DIRECTORY; checked by MD5 and size, and nothing is overwritten',
      '-mirror and -report are not in this version.',
    ],
    run: ccdb,
  },
];
