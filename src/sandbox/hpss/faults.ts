import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ensureDirectory, locked, writeOwnFile } from './system/disk.ts';
import { place, type System } from './system/system.ts';

/** What goes wrong. */
export type Fault =
  /** The deed is not done; the text and exit status of that error code. */
  | { readonly kind: 'fail'; readonly code?: number; readonly text?: string; readonly exit?: number }
  /** Never ends: before anything, in the middle after so many bytes, or when all is done. */
  | { readonly kind: 'hang'; readonly when?: 'before' | 'middle' | 'after'; readonly bytes?: number }
  /** Only so many bytes are transferred (or printed, where nothing is transferred), and nobody says so. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** What is done and what is said are not the same. */
  | {
      readonly kind: 'lie';
      readonly does: boolean;
      readonly says: 'success' | 'failure' | 'nothing';
      readonly exit?: number;
    }
  /** htar leaves out its index, or the last so many members, and says SUCCESSFUL. */
  | { readonly kind: 'omit'; readonly what: 'index' | 'members'; readonly count?: number; readonly exit?: number }
  /** The credentials are not valid any more: this command and all later ones of the session fail. */
  | { readonly kind: 'expire' }
  /** The connection is lost after so many bytes; with `killed` the program dies there without a word. */
  | { readonly kind: 'drop'; readonly bytes?: number; readonly killed?: boolean }
  /** HPSS is not available. */
  | { readonly kind: 'down' }
  /** It takes so many seconds more. */
  | { readonly kind: 'slow'; readonly seconds: number };

/** When it goes wrong. The first rule of the script that matches and is due counts. */
export interface FaultRule {
  readonly tool?: 'hsi' | 'htar';
  /** Each must stand somewhere in the command. */
  readonly words?: readonly string[];
  /** `login` is before the first command of a session; default: `command`. */
  readonly at?: 'login' | 'command';
  /** So many matches pass unharmed. */
  readonly skip?: number;
  /** So many are harmed, then no more. */
  readonly times?: number;
  /** Of those behind `skip` every so many-th is harmed. */
  readonly oneIn?: number;
  readonly do: Fault;
}

/** Which variable names the script: `{ "faults": [ … ] }`. */
export const faultsVariable = 'STOWAGE_SANDBOX_FAULTS';

/** Asks whether this command goes wrong, and counts it. The counts live beside the system, by the text of the rule. */
export type FaultSource = (tool: 'hsi' | 'htar', at: 'login' | 'command', command: string) => Fault | undefined;

const kinds = ['fail', 'hang', 'truncate', 'lie', 'omit', 'expire', 'drop', 'down', 'slow'];

/** The faults of a script. Throws for one that is none: a fault that never comes would prove nothing. */
export function faultSource(system: System, environment: NodeJS.ProcessEnv): FaultSource {
  const path = environment[faultsVariable];
  if (path === undefined || path === '') return () => undefined;
  const rules = readRules(path);
  return (tool, at, command) => {
    for (const rule of rules) {
      if ((rule.tool ?? tool) !== tool || (rule.at ?? 'command') !== at) continue;
      if (!(rule.words ?? []).every((word) => command.includes(word))) continue;
      if (isDue(rule, countMatch(system, rule))) return rule.do;
    }
    return undefined;
  };
}

function readRules(path: string): readonly FaultRule[] {
  const script = JSON.parse(readFileSync(path, 'utf8')) as { readonly faults?: readonly FaultRule[] };
  if (!Array.isArray(script.faults)) throw new Error(`${path}: no "faults" in it`);
  const known = ['tool', 'words', 'at', 'skip', 'times', 'oneIn', 'do'];
  for (const rule of script.faults) {
    const strange = Object.keys(rule).find((key) => !known.includes(key));
    if (strange !== undefined) throw new Error(`${path}: a rule has no "${strange}"`);
    if (!kinds.includes(rule.do?.kind)) throw new Error(`${path}: there is no fault "${rule.do?.kind}"`);
  }
  return script.faults;
}

function isDue({ skip = 0, times = Number.POSITIVE_INFINITY, oneIn = 1 }: FaultRule, match: number): boolean {
  const behind = match - skip;
  return behind > 0 && behind % oneIn === 0 && behind / oneIn <= times;
}

/** The number of this match, from 1, over all processes. */
function countMatch(system: System, rule: FaultRule): number {
  const name = createHash('sha256').update(JSON.stringify(rule)).digest('hex').slice(0, 16);
  const file = place(system, 'faults', name);
  ensureDirectory(place(system, 'faults'));
  return locked(place(system, 'faults.lock'), () => {
    const count = readCount(file) + 1;
    writeOwnFile(file, String(count));
    return count;
  });
}

function readCount(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
