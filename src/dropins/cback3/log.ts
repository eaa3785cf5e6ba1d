import { logFile } from '../../durable/log-file.ts';
import { realFiles } from '../../durable/real-files.ts';
import { displayText } from '../../model/byte-name.ts';
import type { Clock } from '../../model/clock.ts';
import { numbersOf } from '../../pool/owner.ts';
import type { Options } from './switches.ts';

/** The levels of the log, the least weighty first. */
const levels = ['debug', 'info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];

/** Where everything is told: the log on disk, and the screen. */
export interface Log {
  say(level: Level, message: string): void;
  /** What another program said; it stands in the log as it came. */
  output(text: string): void;
  close(): void;
}

/**
 * Opens the log, which is made with its mode and given to its owner if it is not there. Its lines are Cedar Backup's: time, zone, level in seven
 * places, message. The screen is told errors, or more where that is asked for, or nothing. Throws what opening throws.
 */
export async function openLog(options: Options, clock: Clock, screen: (text: string) => void): Promise<Log> {
  const isNew = (await realFiles.lstat(options.logfile)) === undefined;
  const file = logFile(options.logfile, () => undefined);
  if (isNew) {
    await realFiles.setAttributes(options.logfile, { mode: options.mode });
    const owner = await numbersOf(options.owner.user, options.owner.group).catch(() => undefined);
    if (owner !== undefined)
      await realFiles.setAttributes(options.logfile, { owner, mode: options.mode }).catch(() => undefined);
  }
  const onDisk = levels.indexOf(options.debug ? 'debug' : 'info');
  const onScreen = options.quiet
    ? levels.length
    : levels.indexOf(options.verbose ? (options.debug ? 'debug' : 'info') : 'error');
  return {
    say(level, message) {
      const weight = levels.indexOf(level);
      const plain = message.split('\n').map(displayText).join('\n');
      if (weight >= onDisk) file.append(`${timeText(clock.now())} --> [${level.toUpperCase().padEnd(7)}] ${plain}\n`);
      if (weight >= onScreen) screen(`${plain}\n`);
    },
    output(text) {
      if (options.output && text !== '') file.append(text.endsWith('\n') ? text : `${text}\n`);
    },
    close: () => file.close(),
  };
}

/** `2026-11-18T12:00:00 UTC`, in local time. */
export function timeText(time: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())} ${zoneName(time)}`;
}

/** The short name of the time zone. Each locale knows those of its own parts of the world; where none does it is `GMT+3`. */
function zoneName(time: Date): string {
  const names = ['en-US', 'en-GB', 'en-AU', 'en-IN'].map(
    (locale) =>
      new Intl.DateTimeFormat(locale, { timeZoneName: 'short' })
        .formatToParts(time)
        .find(({ type }) => type === 'timeZoneName')?.value ?? '',
  );
  return names.find((name) => /^[A-Z]+$/.test(name)) ?? names[0]!;
}
