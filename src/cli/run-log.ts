import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import { type LogFile, logFile } from '../durable/log-file.ts';
import { isStowageError, plainReason } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { Output, Reporter } from '../report/reporter.ts';
import { loggedReporter, type RunLog } from '../report/run-log.ts';
import { version } from '../version.ts';

/** A log of this run, and how it ends. */
export interface OpenLog extends RunLog {
  heard(signal: string): void;
  close(): void;
}

/** Variables that change what a run does; none can hold a secret. */
const told = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TERM', 'NO_COLOR', 'TMPDIR', 'NODE_OPTIONS', 'UV_THREADPOOL_SIZE'];

/**
 * Appends a log of this run to a file, up to `close`. That it cannot be written is told once on standard error; then the run goes on
 * without it, and its result is the same.
 */
export async function openLog(
  path: string,
  { argv, config }: { readonly argv: readonly string[]; readonly config: string | undefined },
  inner: Reporter,
  output: Output,
): Promise<OpenLog> {
  let file: LogFile | undefined;
  const giveUp = (error: unknown) => {
    file = undefined;
    const hint = isStowageError(error) && error.hint !== undefined ? `\n  hint: ${error.hint}` : '';
    output.err(`stowage: ${plainReason(error)}; the run goes on without it${hint}\n`);
  };
  const attempt = (deed: (file: LogFile) => void) => {
    try {
      if (file !== undefined) deed(file);
    } catch (error) {
      giveUp(error);
    }
  };
  try {
    file = logFile(path, giveUp);
  } catch (error) {
    giveUp(error);
  }
  const log = loggedReporter(inner, {
    run: randomBytes(4).toString('hex'),
    line: (text) => attempt((one) => one.append(text)),
    now: () => new Date(),
    ticks: () => performance.now(),
    used,
  });
  // An empty line between runs, for people; and what follows begins a line even where a killed run ended within one.
  attempt((one) => one.append('\n'));
  log.note('begin', beginning(argv));
  if (config !== undefined) log.note('configuration', await fingerprint(config));
  attempt((one) => one.flush());
  const listeners = listen(log, () => attempt((one) => one.flush()));
  return {
    ...log,
    heard(signal) {
      log.note('signal', { signal });
      attempt((one) => one.flush());
    },
    close() {
      listeners.end();
      attempt((one) => one.close());
      file = undefined;
    },
  };
}

function beginning(argv: readonly string[]): object {
  const env = Object.fromEntries(
    told.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return {
    stowage: version,
    node: process.versions.node,
    v8: process.versions.v8,
    system: `${process.platform} ${release()} ${arch()}`,
    host: hostname(),
    cores: availableParallelism(),
    memory: totalmem(),
    pid: process.pid,
    uid: process.getuid?.(),
    cwd: process.cwd(),
    argv,
    env,
  };
}

/** Which configuration it was; what it says is not in the log. */
async function fingerprint(path: string): Promise<object> {
  const name = displayName(path);
  try {
    const bytes = await readFile(fsPath(path));
    return { path: name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    return { path: name, problem: plainReason(error) };
  }
}

/** Until the end: warnings of Node, and the ends that come without a word. */
function listen(log: RunLog, flush: () => void): { end(): void } {
  const onWarning = ({ name, message, stack }: Error) => log.note('warning', { name, message, stack });
  const onFault = (error: unknown) => {
    log.fault('fault', error);
    flush();
  };
  const onExit = (status: number) => {
    log.note('exit', { status });
    flush();
  };
  const onHangUp = () => {
    log.note('signal', { signal: 'SIGHUP' });
    flush();
    end();
    process.kill(process.pid, 'SIGHUP');
  };
  const end = () => {
    process.off('warning', onWarning);
    process.off('uncaughtExceptionMonitor', onFault);
    process.off('exit', onExit);
    process.off('SIGHUP', onHangUp);
  };
  process.on('warning', onWarning);
  process.on('uncaughtExceptionMonitor', onFault);
  process.on('exit', onExit);
  process.on('SIGHUP', onHangUp);
  return { end };
}

function used(): object {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return { peakBytes: maxRSS * 1024, cpuSeconds: Math.round((userCPUTime + systemCPUTime) / 1000) / 1000 };
}
