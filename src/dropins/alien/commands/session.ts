import type { ClientCommand, Context } from '../client-command.ts';
import { answered, failed, type Outcome, said } from '../outcome.ts';

function exitCodeOf({ lastStatus }: Context): Outcome {
  // alien.py answers 255 where there was no command before.
  const status = lastStatus ?? 255;
  return { status, out: String(status), err: '', json: { exitcode: status } };
}

function end(context: Context, args: readonly string[]): Outcome {
  const [code, stream, ...words] = args;
  const status = code === undefined ? 0 : Number(code);
  if (!Number.isInteger(status) || status < 0 || status > 255) return failed(22, `exit: '${code}' is no exit status`);
  context.ending = status;
  const isError = stream === 'stderr' || stream === 'err';
  const text = (isError ? words : args.slice(1)).join(' ');
  return { status, out: isError ? '' : text, err: isError ? text : '' };
}

function prompt({ prompt: settings }: Context, [what]: readonly string[]): Outcome {
  if (what === 'date') settings.date = !settings.date;
  else if (what === 'pwd') settings.localDirectory = !settings.localDirectory;
  else return failed(22, 'prompt: date or pwd');
  return said('');
}

async function version(): Promise<Outcome> {
  const { version: own } = await import('../../../version.ts');
  const text = `stowage ${own}, alien.py commands; Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`;
  return said(text, { stowage: own, node: process.versions.node, openssl: process.versions.openssl });
}

async function time(context: Context, args: readonly string[]): Promise<Outcome> {
  if (args.length === 0) return failed(22, 'time: name a command');
  // With a number in front it is the server's own: it runs the command so often.
  if (/^\d+$/.test(args[0]!)) return context.server('time', args);
  const { quotedWord } = await import('../grammar.ts');
  const started = performance.now();
  const status = await context.run(args.map(quotedWord).join(' '));
  context.tell(`${((performance.now() - started) / 1000).toFixed(3)} s`);
  return { status, out: '', err: '' };
}

async function user(context: Context, args: readonly string[]): Promise<Outcome> {
  const grid = await context.session();
  const options = context.signal === undefined ? {} : { signal: context.signal };
  await grid.where(options);
  return answered(await grid.send('user', args, options));
}

async function ping(context: Context, args: readonly string[]): Promise<Outcome> {
  const [given] = args.filter((arg) => arg !== '-c');
  const count = given === undefined ? 3 : Number(given);
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    return failed(22, 'ping: a number of pings, from 1 to 1000');
  const options = context.signal === undefined ? {} : { signal: context.signal };
  const connection = await (await context.session()).connection(options);
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) times.push(await connection.ping(context.signal));
  const mean = times.reduce((sum, one) => sum + one, 0) / count;
  const deviation = times.reduce((sum, one) => sum + Math.abs(one - mean), 0) / count;
  const figures = [Math.min(...times), mean, Math.max(...times), deviation].map((one) => one.toFixed(3));
  const text = `WebSocket ping to ${connection.endpoint.host}: rtt min/avg/max/mdev (ms) = ${figures.join('/')}`;
  const [min, avg, max, mdev] = figures.map(Number);
  return said(text, { count, min, avg, max, mdev });
}

const exiting: Omit<ClientCommand, 'name'> = {
  summary: 'end the shell',
  usage: ['exit [CODE] [stderr] [MESSAGE]', 'quit and logout are the same.'],
  run: async (context, args) => end(context, args),
};
const exitcode: Omit<ClientCommand, 'name'> = {
  summary: 'print the exit status of the command before',
  usage: ['exitcode', '$? is the same.'],
  run: async (context) => exitCodeOf(context),
};

/** Commands about the session and the shell. */
export const commands: readonly ClientCommand[] = [
  { name: 'exit', ...exiting },
  { name: 'quit', ...exiting },
  { name: 'logout', ...exiting },
  { name: 'exitcode', ...exitcode },
  { name: '$?', ...exitcode },
  {
    name: 'prompt',
    summary: 'show the time or the local directory in the prompt, or no longer',
    usage: ['prompt date | pwd', 'ALIENPY_PROMPT_DATE and ALIENPY_PROMPT_CWD do it from the start.'],
    run: async (context, args) => prompt(context, args),
  },
  {
    name: 'version',
    summary: 'our version; that of the server: version -s',
    usage: ['version [-s]'],
    run: (context, args) => (args.includes('-s') ? context.server('version', []) : version()),
  },
  {
    name: 'time',
    summary: 'run a command and say how long it took',
    usage: ['time COMMAND [ARGUMENTS...]', 'time N COMMAND  let the server run it N times and say how long that took'],
    isPassedOn: true,
    run: time,
  },
  {
    name: 'user',
    summary: 'take another role',
    usage: ['user NAME', 'The new home is what ~ means from then on.'],
    run: user,
  },
  {
    name: 'ping',
    summary: 'how long the way to the server and back takes',
    usage: ['ping [-c] [N]', 'N pings, 3 if not given'],
    run: ping,
  },
];
