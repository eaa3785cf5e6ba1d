import { StowageError } from '../../../errors.ts';
import { storageSession } from '../../../grid/storage-session.ts';
import { configOf } from '../../../grid/xrootd/name-space.ts';
import { pingServer, statisticsOf } from '../../../grid/xrootd/server-questions.ts';
import type { Session } from '../../../grid/xrootd/session.ts';
import { displayText } from '../../../model/byte-name.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { failed, type Outcome, outcomeOf } from '../outcome.ts';
import { addressStatus, type ReplicaStatus, replicaStatuses } from '../replica-status.ts';
import { sendOptions } from '../send-options.ts';
import { indentedXml, statisticsIn } from '../server-statistics.ts';
import { storageTargets } from '../storage-targets.ts';
import { tableText } from '../table.ts';

/** Whoever asks how a server is wants to know soon that it is not. */
const patience = { connectMs: 15_000, silenceMs: 20_000, requestMs: 60_000, waitMs: 60_000, retries: 0 };

/** What one of several came to. */
interface Answer {
  readonly text: string;
  readonly json: unknown;
}

/** Asks each in turn; status 0 only if all of them answered. */
async function ofEach<T>(
  context: Context,
  targets: readonly T[],
  ask: (target: T, storage: Session) => Promise<Answer>,
): Promise<Outcome> {
  const storage = storageSession(context.env, context.openSession?.credential(), patience);
  const answers: Answer[] = [];
  const failures: Outcome[] = [];
  try {
    for (const target of targets) {
      try {
        answers.push(await ask(target, storage));
      } catch (error) {
        if (!(error instanceof StowageError) || error.code === 'interrupted') throw error;
        failures.push(outcomeOf(error));
      }
    }
  } finally {
    storage.close();
  }
  const err = failures.map((one) => one.err).join('\n');
  const status = failures[0]?.status ?? 0;
  return {
    status,
    out: answers.map(({ text }) => text).join('\n'),
    err,
    json: { metadata: { exitcode: String(status), error: err }, results: answers.map(({ json }) => json) },
  };
}

/** The words that are no options, and what stands behind the options that take a value. */
function worded(args: readonly string[], flags: readonly string[], valued: readonly string[] = []) {
  const words: string[] = [];
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!;
    if (valued.includes(arg)) {
      values.set(arg, args[at + 1] ?? '');
      at += 1;
    } else if (arg.startsWith('-') && !flags.includes(arg)) return { unknown: arg, words, values };
    else if (!arg.startsWith('-')) words.push(arg);
  }
  return { unknown: undefined, words, values };
}

async function ping(context: Context, args: readonly string[]): Promise<Outcome> {
  const { words, values, unknown } = worded(args, [], ['-c']);
  const count = Number(values.get('-c') ?? 3);
  if (unknown !== undefined) return failed(22, `xrd_ping: there is no option ${unknown}`);
  if (!Number.isInteger(count) || count < 1 || count > 1000) return failed(22, 'xrd_ping: -c takes 1 to 1000');
  const targets = await storageTargets(context, 'xrd_ping', words);
  return ofEach(context, targets, async ({ name, url }, storage) => {
    const connected = await pingServer(storage, url, sendOptions(context));
    const times: number[] = [];
    while (times.length < count) times.push(await pingServer(storage, url, sendOptions(context)));
    const mean = times.reduce((sum, one) => sum + one, 0) / count;
    const deviation = times.reduce((sum, one) => sum + Math.abs(one - mean), 0) / count;
    const [first, min, avg, max, mdev] = [connected, Math.min(...times), mean, Math.max(...times), deviation].map(
      (one) => Number(one.toFixed(3)),
    );
    return {
      text: `${name}: connected in ${first} ms, ${count} pings: rtt min/avg/max/mdev (ms) = ${min}/${avg}/${max}/${mdev}`,
      json: { name, count, connected: first, min, avg, max, mdev },
    };
  });
}

/** The settings that servers can be asked for (kXR_Qconfig in the specification), those that everybody wants first. */
const usualSettings = ['role', 'sitename', 'version', 'chksum', 'cms', 'tpc', 'window'];
const allSettings = [
  ...usualSettings,
  ...['bind_max', 'cid', 'csname', 'fattr', 'pio_max', 'proxy', 'readv_ior_max', 'readv_iov_max', 'start', 'sysid'],
  ...['tlsport', 'tpcdlg', 'vnid', 'wan_port', 'wan_window', 'xattrs'],
];

async function config(context: Context, args: readonly string[]): Promise<Outcome> {
  const { words, unknown } = worded(args, ['-v', '-a']);
  if (unknown !== undefined) return failed(22, `xrd_config: there is no option ${unknown}`);
  const targets = await storageTargets(context, 'xrd_config', words);
  const names = args.includes('-a') ? allSettings : usualSettings;
  return ofEach(context, targets, async (target, storage) => {
    const found = [...(await configOf(storage, target.url, names, sendOptions(context)))];
    // A server answers with the name where it has no such setting.
    const told = found.filter(([name, value]) => value !== name && value !== '');
    const rows = told.map(([name, value]) => [name, displayText(value)]);
    const unset = args.includes('-v') ? found.filter(([name, value]) => value === name || value === '') : [];
    const lines = [...rows, ...unset.map(([name]) => [name, '(not told)'])];
    return {
      text: headed(target.name, words, tableText(lines)),
      json: { name: target.name, settings: Object.fromEntries(told) },
    };
  });
}

async function stats(context: Context, args: readonly string[]): Promise<Outcome> {
  const { words, unknown } = worded(args, ['-xml', '-xmlraw', '-compact']);
  if (unknown !== undefined) return failed(22, `xrd_stats: there is no option ${unknown}`);
  const targets = await storageTargets(context, 'xrd_stats', words);
  return ofEach(context, targets, async (target, storage) => {
    const xml = await statisticsOf(storage, target.url, sendOptions(context));
    const found = statisticsIn(xml).map(
      ({ path, value }) => [displayText(path.join('.')), displayText(value)] as const,
    );
    return {
      text: headed(target.name, words, statisticsText(xml, found, args)),
      json: { name: target.name, statistics: Object.fromEntries(found) },
    };
  });
}

function statisticsText(xml: string, found: readonly (readonly [string, string])[], args: readonly string[]): string {
  const shown = (text: string) => text.split('\n').map(displayText).join('\n');
  if (args.includes('-xmlraw')) return shown(xml);
  if (args.includes('-xml')) return shown(indentedXml(xml));
  if (!args.includes('-compact')) return tableText(found);
  const groups = new Map<string, string[]>();
  for (const [path, value] of found) {
    const [group = '', ...rest] = path.split('.');
    const key = rest.length === 0 ? 'server' : group;
    groups.set(key, [...(groups.get(key) ?? []), `${rest.length === 0 ? group : rest.join('.')}=${value}`]);
  }
  return [...groups].map(([group, pairs]) => `${group}: ${pairs.join(' ')}`).join('\n');
}

/** With its name above where there are several. */
function headed(name: string, words: readonly string[], text: string): string {
  return words.length === 1 ? text : `${name}\n${text.replace(/^/gm, '  ')}`;
}

async function pfnStatus(context: Context, args: readonly string[]): Promise<Outcome> {
  const { words, unknown } = worded(args, ['-v']);
  if (unknown !== undefined) return failed(22, `pfn-status: there is no option ${unknown}`);
  if (words.length === 0) return failed(22, 'pfn-status: name a file, or a root:// URL');
  const isUrl = (word: string) => /^x?roots?:\/\//i.test(word);
  if (!words.every(isUrl)) await context.session();
  const wrong: string[] = [];
  const outcome = await ofEach(context, words, async (word, storage) => {
    const options = sendOptions(context);
    const found = isUrl(word)
      ? [await addressStatus(storage, word, options)]
      : await replicaStatuses(await context.session(), storage, await (await context.session()).lfn(word), options);
    for (const { isRight, se, url } of found) if (!isRight) wrong.push(se === '' ? url : `${word} at ${se}`);
    if (found.length === 0) wrong.push(`${word}: the catalogue has no replica`);
    return {
      text: headed(word, words, tableText(found.map((one) => row(one, args.includes('-v'))))),
      json: { name: word, replicas: found },
    };
  });
  if (wrong.length === 0) return outcome;
  const err = [outcome.err, `not as it should be: ${wrong.join(', ')}`].filter(Boolean).join('\n');
  const json = outcome.json as { readonly results: unknown };
  const status = outcome.status === 0 ? 1 : outcome.status;
  return { ...outcome, status, err, json: { ...json, metadata: { exitcode: String(status), error: err } } };
}

function row({ se, url, state, stat }: ReplicaStatus, isVerbose: boolean): readonly string[] {
  const flags = stat === undefined ? '-' : `${stat.isReadable ? 'R' : '-'}${stat.isWritable ? 'W' : '-'}`;
  const asleep = stat?.isAsleep === true ? ', on tape' : '';
  const bare = [se === '' ? displayText(url) : se, String(stat?.bytes ?? '-'), flags, `${displayText(state)}${asleep}`];
  if (!isVerbose) return bare;
  const changed = stat === undefined ? '-' : new Date(stat.modifiedSeconds * 1000).toISOString().replace('.000', '');
  const pending = stat?.isPending === true ? ', being written' : '';
  return [...bare.slice(0, -1), changed, displayText(stat?.id ?? '-'), `${bare.at(-1)}${pending}`, displayText(url)];
}

const target =
  'A server is HOST, HOST:PORT, root://HOST:PORT, or a storage element by name (VO::SITE::NAME) or number.';
const statusNote = 'Exit status 0 only if each one answered.';

/** Commands that ask storage elements. */
export const commands: readonly ClientCommand[] = [
  {
    name: 'pfn-status',
    summary: 'ask the storage elements for the replicas of a file',
    usage: [
      'pfn-status LFN | root://URL ... [-v]',
      'For each replica: storage element, bytes, R(eadable) and W(ritable), and whether it is as the catalogue says.',
      '-v  also when it changed, the id that the server has for it, and its address',
      'Of a member of an archive, the archive is looked at.',
      'Exit status 0 only if every replica answered, is there, and has the right size; else 1, or that of the server.',
    ],
    run: pfnStatus,
  },
  {
    name: 'xrd_ping',
    summary: 'ping a storage element',
    usage: ['xrd_ping [-c N] SERVER...', '-c N  so many pings, 3 if not given', target, statusNote],
    run: ping,
  },
  {
    name: 'xrd_config',
    summary: 'print the configuration of a storage element',
    usage: [
      'xrd_config [-v] [-a] SERVER...',
      '-a  all settings    -v  also those that it does not tell',
      target,
      statusNote,
    ],
    run: config,
  },
  {
    name: 'xrd_stats',
    summary: 'print the statistics of a storage element',
    usage: [
      'xrd_stats [-xml | -xmlraw | -compact] SERVER...',
      '-xml  as XML with a line for each element    -xmlraw  as it came    -compact  a line for each group',
      target,
      statusNote,
    ],
    run: stats,
  },
];
