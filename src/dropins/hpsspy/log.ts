import { errorText } from '../../report/error-text.ts';

/** The levels of Python's logging, the least weighty first. */
export const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;

export type Level = (typeof levels)[number];

/** Who is told what happens. HPSSPy's loggers are `hpsspy.scan` and `hpsspy.scan.FUNCTION`; what only Stowage says comes from `stowage`. */
export interface Log {
  /** False if a message of this level is not wanted: making it can be spared. */
  wants(level: Level): boolean;
  say(level: Level, logger: string, message: string): void;
}

/** One logger: a function for each level. */
export interface Logger {
  wants(level: Level): boolean;
  say(level: Level, message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  critical(message: string): void;
}

/** The name of the logger of what HPSSPy does not say. */
export const stowageLogger = 'stowage';

/** The logger of this name. */
export function logger(log: Log, name: string): Logger {
  const say = (level: Level, message: string) => log.say(level, name, message);
  return {
    wants: (level) => log.wants(level),
    say,
    debug: (message) => say('DEBUG', message),
    info: (message) => say('INFO', message),
    warning: (message) => say('WARNING', message),
    error: (message) => say('ERROR', message),
    critical: (message) => say('CRITICAL', message),
  };
}

/** Tells an error, with what to do about it. */
export function tellError(log: Log, error: unknown): void {
  // Who speaks stands before it already.
  const text = errorText(error, { debug: false }).replace(/^stowage: /, '');
  logger(log, stowageLogger).critical(text.trimEnd());
}

/** A log that writes the lines of HPSSPy: `2024-01-31T12:00:00 hpsspy.scan INFO: …`, in local time, from this level on. */
export function lineLog(write: (text: string) => void, from: Level, now: () => Date = () => new Date()): Log {
  const least = levels.indexOf(from);
  const wants = (level: Level) => levels.indexOf(level) >= least;
  return {
    wants,
    say(level, name, message) {
      if (wants(level)) write(`${localTime(now())} ${name} ${level}: ${printable(message)}\n`);
    },
  };
}

/** As Python does where a library logs and nobody has said where to: warnings and worse, on standard error. */
export const standardLog: Log = {
  wants: (level) => levels.indexOf(level) >= levels.indexOf('WARNING'),
  say(level, _, message) {
    if (standardLog.wants(level)) process.stderr.write(`${printable(message)}\n`);
  },
};

function localTime(time: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** Bytes that are not UTF-8 as Python writes them to standard error: `\udcXX`. */
function printable(message: string): string {
  return message.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
