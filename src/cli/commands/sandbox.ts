import { StowageError } from '../../errors.ts';
import { type Call, type Command, optionalText, text } from '../command.ts';

export const sandboxCommand: Command = {
  name: 'sandbox',
  summary: 'Make a scratch system to try things on, without the real one',
  description:
    'A scratch HPSS is a folder, and an hsi and an htar that work on it and behave like the real ones, with their errors, limits and bad habits. What is printed can be given to a shell: eval "$(stowage sandbox hpss DIR)". For a folder that is one already, it says how much it was used. A scratch Grid is a JAliEn central server and, where Debian\'s xrootd-server is installed, two storage elements: they run until this command is interrupted, and keep what they hold in the folder for the next time. docs/sandbox.md tells what they can do, and how to make them fail.',
  arguments: [
    { name: 'system', description: 'which system: hpss or grid', choices: ['hpss', 'grid'] },
    { name: 'dir', description: 'its folder: new, empty, or a scratch system already' },
  ],
  options: [
    { flags: '--port <number>', description: 'grid: where the central server listens (default: any free port)' },
    { flags: '--faults <file>', description: 'grid: a script of what is to go wrong' },
    { flags: '--latency <ms>', description: 'grid: so much more for every round trip, as if all of it were far away' },
  ],
  examples: [
    'stowage sandbox hpss /tmp/hpss',
    'stowage sandbox hpss /tmp/hpss --json',
    'stowage sandbox grid /tmp/grid',
    'stowage sandbox grid /tmp/grid --port 8097 --faults faults.json',
    'stowage sandbox grid /tmp/grid --latency 100',
  ],
  async *run(call) {
    const { startHpss, startGrid } = await import('../../sandbox/start.ts');
    const faults = optionalText(call, 'faults');
    const port = portOf(call);
    const latencyMs = latencyOf(call);
    if (text(call, 'system') === 'hpss') {
      if (faults !== undefined || port !== undefined || latencyMs !== undefined) {
        throw new StowageError('usage', '--port, --faults and --latency are for a scratch Grid', {
          hint: 'for hpss, STOWAGE_SANDBOX_FAULTS names a script of faults',
        });
      }
      yield { kind: 'sandbox', ...startHpss(text(call, 'dir')) };
      return;
    }
    const options = {
      ...(port === undefined ? {} : { port }),
      ...(faults === undefined ? {} : { faults }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
    };
    const { stop, ...grid } = await startGrid(text(call, 'dir'), options);
    try {
      yield { kind: 'sandbox-grid', ...grid };
      await interrupted(call.verb.signal);
    } finally {
      await stop();
    }
  },
};

function portOf(call: Call): number | undefined {
  const given = optionalText(call, 'port');
  if (given === undefined) return undefined;
  if (/^\d{1,5}$/.test(given) && Number(given) < 65_536) return Number(given);
  throw new StowageError('usage', `--port ${given} is no port`, { hint: 'a number from 1 to 65535' });
}

function latencyOf(call: Call): number | undefined {
  const given = optionalText(call, 'latency');
  if (given === undefined) return undefined;
  if (/^\d{1,5}$/.test(given)) return Number(given);
  throw new StowageError('usage', `--latency ${given} is no number of milliseconds`, { hint: 'such as --latency 100' });
}

function interrupted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal === undefined || signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
