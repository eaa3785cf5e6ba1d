import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../errors.ts';

/** Which process something belongs to, so that another one can tell later whether it still lives. */
export interface Holder {
  readonly host: string;
  /** Changes with every boot; absent where the system has none (not Linux). */
  readonly bootId?: string;
  /** Containers may share a host's name and boot, yet not its process ids. Linux only. */
  readonly pidNamespace?: string;
  readonly pid: number;
  /** Clock ticks since boot, as the kernel writes them: a process id that was given anew has another. Linux only. */
  readonly startTime?: string;
}

/** `elsewhere`: on another host or in another container, so that nobody here can tell. */
export type HolderState = 'alive' | 'dead' | 'elsewhere';

/** This process. */
export function thisHolder(): Holder {
  const bootId = thisBoot();
  const pidNamespace = thisPidNamespace();
  const startTime = processStat(process.pid)?.startTime;
  return {
    host: hostname(),
    ...(bootId === undefined ? {} : { bootId }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    pid: process.pid,
    ...(startTime === undefined ? {} : { startTime }),
  };
}

/** Whether a holder still lives. In doubt it does: only one that is surely gone is `dead`, and a dead one stays dead. */
export function holderState(holder: Holder): HolderState {
  if (holder.host !== hostname()) return 'elsewhere';
  const bootId = thisBoot();
  if (holder.bootId !== bootId) {
    // Machines that were never given a name all have this one: another boot may be another machine.
    const nameless = /^localhost(\.|$)/.test(holder.host);
    return nameless || holder.bootId === undefined || bootId === undefined ? 'elsewhere' : 'dead';
  }
  if (holder.pidNamespace !== thisPidNamespace()) return 'elsewhere';
  if (!processExists(holder.pid)) return 'dead';
  const stat = processStat(holder.pid);
  // With /proc mounted hidepid=2 another user's process is there, but has no entry.
  if (stat === undefined) return 'alive';
  if (stat.ended) return 'dead';
  return holder.startTime === undefined || holder.startTime === stat.startTime ? 'alive' : 'dead';
}

/** Fields of the text of /proc/PID/stat (proc(5)); the command's name, the second, may hold blanks and parentheses. */
export function parseStat(text: string): { readonly startTime: string; readonly ended: boolean } | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return undefined;
  return { startTime, ended: /^[ZXx]$/.test(state) };
}

function processStat(pid: number): ReturnType<typeof parseStat> {
  const text = lookUp(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return text === undefined ? undefined : parseStat(text);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

function thisBoot(): string | undefined {
  return lookUp(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
}

function thisPidNamespace(): string | undefined {
  return lookUp(() => readlinkSync('/proc/self/ns/pid'));
}

/** What Linux tells, or undefined where there is no such thing to read. */
function lookUp(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
