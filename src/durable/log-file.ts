import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';

/** A file that many runs append to, also at the same time. For what helps to understand a run, not for what must survive: nothing is fsynced. */
export interface LogFile {
  /** Takes whole lines. They are in the file after a tenth of a second, after `flush`, or when there are many; throws what writing throws. */
  append(lines: string): void;
  flush(): void;
  /** Flushes and closes. Closing again does nothing. */
  close(): void;
}

const bufferLength = 65_536;
const flushMs = 100;

/** Opens a log, for its owner alone if it is new. A pipe that nobody reads is refused and not waited for. `failed` is told of an error while nobody calls. */
export function logFile(path: string, failed: (error: unknown) => void): LogFile {
  const what = `cannot write the log '${displayName(path)}'`;
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
  const descriptor = attempt(() => openSync(fsPath(path), flags, 0o600));
  let waiting: string[] = [];
  let length = 0;
  let open = true;

  function attempt<T>(deed: () => T): T {
    try {
      return deed();
    } catch (error) {
      throw fileError(what, error);
    }
  }
  function flush(): void {
    if (!open || waiting.length === 0) return;
    const data = Buffer.from(waiting.join(''), 'utf8');
    waiting = [];
    length = 0;
    // One write for whole lines: runs that append at the same time do not mix within a line.
    attempt(() => {
      for (let at = 0; at < data.length; ) at += writeSync(descriptor, data, at);
    });
  }
  const timer = setInterval(() => {
    try {
      flush();
    } catch (error) {
      failed(error);
    }
  }, flushMs);
  timer.unref();
  return {
    append(lines) {
      waiting.push(lines);
      length += lines.length;
      if (length >= bufferLength) flush();
    },
    flush,
    close() {
      if (!open) return;
      clearInterval(timer);
      try {
        flush();
      } finally {
        open = false;
        closeSync(descriptor);
      }
    },
  };
}
