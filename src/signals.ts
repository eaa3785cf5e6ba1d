/** How a user stops a run: the first Ctrl-C starts nothing new, the second, or SIGTERM, aborts. */
export interface Signals {
  /** Start nothing new. */
  readonly stop: AbortSignal;
  /** Abort now. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  end(): void;
}

/**
 * Listens to SIGINT and SIGTERM. `gentle`: the first Ctrl-C only stops, and `tell` says so; else it aborts. `heard` is told of each. One more signal
 * after the abort ends the process as the system would: nothing here needs a last word to be safe.
 */
export function listenToSignals(
  gentle: boolean,
  tell: () => void,
  heard: (signal: string) => void = () => {},
): Signals {
  const stop = new AbortController();
  const abort = new AbortController();
  const onSignal = (name: 'SIGINT' | 'SIGTERM') => {
    heard(name);
    if (abort.signal.aborted) {
      end();
      process.kill(process.pid, name);
    } else if (gentle && name === 'SIGINT' && !stop.signal.aborted) {
      tell();
      stop.abort();
    } else {
      stop.abort();
      abort.abort();
    }
  };
  const end = () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { stop: stop.signal, signal: abort.signal, end };
}
