import { readFileSync } from 'node:fs';
import { StowageError } from '../../errors.ts';
import type { Request } from './dispatch.ts';

/** What harms a request, or the making of a connection. `does`: whether the command is run all the same. */
export type Harm =
  /** The connection is cut, without a word: before the command was run, or after it, before its reply. */
  | { readonly kind: 'drop'; readonly when?: 'before' | 'after' }
  /** No reply ever comes; the connection stays. */
  | { readonly kind: 'stall'; readonly does?: boolean }
  /** The reply is an empty message. */
  | { readonly kind: 'lose'; readonly does?: boolean }
  /** Only the first characters of the reply are sent. */
  | { readonly kind: 'cut'; readonly characters: number; readonly does?: boolean }
  /** A wrong error number. */
  | { readonly kind: 'error'; readonly errno: number; readonly text?: string; readonly does?: boolean }
  /** So much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The session is over: closed with 1013, as after two days. */
  | { readonly kind: 'expire'; readonly does?: boolean }
  /** All connections of the server are cut, and new ones are refused for so long. */
  | { readonly kind: 'restart'; readonly downMs?: number; readonly when?: 'before' | 'after' }
  /** For connections: this HTTP status instead of a session. */
  | { readonly kind: 'refuse'; readonly status?: number };

/** When harm is done. All that is given must hold; `command` `*` or left out is any. */
export interface Fault {
  readonly at?: 'command' | 'connect';
  readonly command?: string;
  /** All of these must stand among the arguments. */
  readonly words?: readonly string[];
  /** So many matches pass first. */
  readonly skip?: number;
  /** At most so often. */
  readonly times?: number;
  /** Only every so-manieth match. */
  readonly oneIn?: number;
  readonly do: Harm;
}

export interface Faults {
  /** The harm for this request, if any; counts. */
  forRequest(request: Request): Harm | undefined;
  /** The harm for a connection that is being made, if any; counts. */
  forConnection(): Harm | undefined;
}

const kinds = ['drop', 'stall', 'lose', 'cut', 'error', 'slow', 'expire', 'restart', 'refuse'];

/** Faults in the order in which they are looked through: the first that matches and is due counts. */
export function newFaults(script: readonly Fault[]): Faults {
  const seen = new Map<Fault, number>();
  const due = (fault: Fault): boolean => {
    const count = (seen.get(fault) ?? 0) + 1;
    seen.set(fault, count);
    const { skip = 0, oneIn = 1, times = Number.POSITIVE_INFINITY } = fault;
    const nth = count - skip;
    return nth > 0 && nth % oneIn === 0 && nth / oneIn <= times;
  };
  return {
    forRequest({ command, options }) {
      return script.find(
        (fault) =>
          (fault.at ?? 'command') === 'command' &&
          [undefined, '*', command].includes(fault.command) &&
          (fault.words ?? []).every((word) => options.includes(word)) &&
          due(fault),
      )?.do;
    },
    forConnection: () => script.find((fault) => fault.at === 'connect' && due(fault))?.do,
  };
}

/** Reads a script: `{ "faults": [...] }`. A script with a slip is an error. */
export function readFaults(file: string): readonly Fault[] {
  const bad = (what: string, cause?: unknown): StowageError =>
    new StowageError('configuration', `the faults in '${file}' ${what}`, {
      cause,
      hint: 'docs/sandbox.md has the forms',
    });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw bad('cannot be read', cause);
  }
  const faults = (value as { faults?: unknown } | null)?.faults;
  if (!Array.isArray(faults)) throw bad('are no list');
  const known = ['at', 'command', 'words', 'skip', 'times', 'oneIn', 'do'];
  for (const [index, fault] of faults.entries()) {
    if (!kinds.includes(fault?.do?.kind)) throw bad(`have no known kind of harm at number ${index + 1}`);
    const strange = Object.keys(fault).find((key) => !known.includes(key));
    if (strange !== undefined) throw bad(`say '${strange}' at number ${index + 1}, which means nothing`);
  }
  return faults;
}
