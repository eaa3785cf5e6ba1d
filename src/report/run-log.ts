import { isStowageError, systemCode } from '../errors.ts';
import type { Progress } from '../verbs/project.ts';
import { eventJson } from './json-lines.ts';
import type { Reporter } from './reporter.ts';
import { withoutSecrets } from './without-secrets.ts';

/** What a log is kept with. */
export interface LogSink {
  /** The name of this run in a file of many. */
  readonly run: string;
  /** Takes one whole line. */
  line(text: string): void;
  now(): Date;
  /** Milliseconds, for durations. */
  ticks(): number;
  /** What the run has used so far. */
  used(): object;
}

/** A reporter that also keeps a log, and what else a log is told. docs/formats/log.md describes the lines. */
export interface RunLog extends Reporter {
  /** Anything with a name: the beginning, a signal, a warning of Node. */
  note(log: string, facts: object): void;
  /** An error that is not for the reporter: one that ends the process. */
  fault(log: string, error: unknown): void;
}

/** The same reporter, with everything that it is told written to a log. */
export function loggedReporter(inner: Reporter, sink: LogSink): RunLog {
  const began = sink.ticks();
  let stage: { readonly progress: Progress; readonly since: number } | undefined;
  const seconds = (since: number) => Math.round(sink.ticks() - since) / 1000;
  const note = (log: string, facts: object) => {
    const record = { at: sink.now().toISOString(), run: sink.run, log, ...facts };
    sink.line(`${withoutSecrets(textOf(record))}\n`);
  };
  const endStage = () => {
    if (stage === undefined) return;
    note('stage', { ...stage.progress, seconds: seconds(stage.since) });
    stage = undefined;
  };
  const fault = (log: string, error: unknown) => note(log, { causes: causesOf(error) });
  return {
    note,
    fault,
    event(event) {
      const causes = event.kind === 'failed' ? { causes: causesOf(event.error) } : {};
      note('event', { ...eventJson(event), ...causes });
      inner.event(event);
    },
    progress(progress) {
      if (progress.stage !== stage?.progress.stage) endStage();
      stage = { progress, since: stage?.since ?? sink.ticks() };
      inner.progress(progress);
    },
    error(error) {
      endStage();
      fault('error', error);
      inner.error(error);
    },
    end(status) {
      endStage();
      note('end', { status, seconds: seconds(began), ...sink.used() });
      inner.end(status);
    },
  };
}

/** An error and what caused it, outermost first, with all that is known of each. */
function causesOf(error: unknown): readonly object[] {
  const causes: object[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at !== undefined && !seen.has(at); at = at instanceof Error ? at.cause : undefined) {
    seen.add(at);
    if (!(at instanceof Error)) {
      causes.push({ message: String(at) });
      break;
    }
    const { name, message, stack } = at;
    const ours = isStowageError(at) ? { code: at.code, hint: at.hint, facts: plain(at.facts) } : systemFacts(at);
    causes.push({ name, message, ...ours, stack });
  }
  return causes;
}

function systemFacts(error: Error): object {
  if (systemCode(error) === undefined) return {};
  const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  return { code, syscall, path, dest };
}

/** A log never stops a run, whatever it is told. */
function textOf({
  at,
  run,
  log,
  ...facts
}: {
  readonly at: string;
  readonly run: string;
  readonly log: string;
}): string {
  try {
    return JSON.stringify({ at, run, log, ...facts });
  } catch (error) {
    return JSON.stringify({ at, run, log, unwritten: String(error) });
  }
}

/** Facts may hold anything; JSON has no word for some of it. */
function plain(facts: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(facts, plainValue));
  } catch (error) {
    return String(error);
  }
}

function plainValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return String(value);
  return value instanceof Map || value instanceof Set ? [...value] : value;
}
