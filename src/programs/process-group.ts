import { systemCode } from '../errors.ts';

/** A started program and all that it started: one process group. */
export interface ProcessGroup {
  /** Asks all of it to end (SIGTERM), and ends what is left after the grace period (SIGKILL). Resolves when that is done. */
  stop(graceMs: number): Promise<void>;
  /** To be called when the program has ended in peace: what it left running is its own business. */
  leave(): void;
}

const stepMs = 20;
const running = new Set<number>();
const endAll = (): void => {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
};

/** The group of a program that was started with `detached`. It is killed if this process exits first. */
export function processGroup(pid: number): ProcessGroup {
  if (running.size === 0) process.on('exit', endAll);
  running.add(pid);
  const leave = (): void => {
    running.delete(pid);
    if (running.size === 0) process.off('exit', endAll);
  };
  return {
    leave,
    async stop(graceMs) {
      const end = performance.now() + graceMs;
      signalGroup(pid, 'SIGTERM');
      // A stopped process takes no SIGTERM before it goes on.
      signalGroup(pid, 'SIGCONT');
      while (performance.now() < end) {
        if (!signalGroup(pid, 0)) return leave();
        await new Promise((resolve) => setTimeout(resolve, Math.min(stepMs, graceMs)));
      }
      signalGroup(pid, 'SIGKILL');
      leave();
    },
  };
}

/** False if nobody is left in the group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    // EPERM: a member runs as somebody else (sudo), and is there.
    return systemCode(error) !== 'ESRCH';
  }
}
