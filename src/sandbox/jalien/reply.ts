import { errorText } from './errno.ts';

type Value = string | { readonly [key: string]: Value };
type Entry = Record<string, Value>;

/** What goes over the wire: strings under the names of the protocol. */
export interface ReplyData {
  readonly metadata: Readonly<Record<string, string>>;
  readonly results: readonly Entry[];
}

/** What a command says, in the order in which it says it. */
export interface Reply {
  /** A value of the entry that is being made. The order of the keys is that of saying. */
  set(key: string, value: string | number | bigint | { readonly [key: string]: Value }): void;
  /** A line for humans in the entry that is being made; several are joined. */
  print(text: string): void;
  /** The entry is complete. What is said before the first `next` belongs to the first entry. */
  next(): void;
  /** The command failed. Of several failures the last one counts; what was said stays. */
  fail(errno: number, detail?: string): void;
}

/** What a reply keeps of it: messages and keys can be unwanted. */
export interface Wanted {
  readonly messages: boolean;
  readonly keys: boolean;
}

/** Collects what a command says. */
export function newReply(): Reply & { outcome(wanted: Wanted): Outcome } {
  const entries: Entry[] = [];
  let current: Entry = {};
  let exitcode = 0;
  let error = '';
  const next = (): void => {
    entries.push(current);
    current = {};
  };
  return {
    set(key, value) {
      current[key] = typeof value === 'object' ? value : String(value);
    },
    print(text) {
      const { message } = current;
      current.message = typeof message === 'string' ? `${message}\n${text}` : text;
    },
    next,
    fail(errno, detail) {
      exitcode = errno;
      error = errorText(errno, detail);
    },
    outcome(wanted) {
      if (Object.keys(current).length > 0) next();
      const results = entries.map((entry) => keep(entry, wanted)).filter((entry) => Object.keys(entry).length > 0);
      return { exitcode, error, results };
    },
  };
}

/** How a command ended, without what the session adds. */
export interface Outcome {
  readonly exitcode: number;
  readonly error: string;
  readonly results: readonly Entry[];
}

/** A reply as text: `/` is escaped and what is not ASCII is not, as the server's JSON writer does it. */
export function replyText(data: ReplyData): string {
  return JSON.stringify(data).replaceAll('/', '\\/');
}

function keep(entry: Entry, { messages, keys }: Wanted): Entry {
  return Object.fromEntries(
    Object.entries(entry)
      .filter(([key]) => (key === 'message' ? messages : keys))
      .map(([key, value]) => [key, key === 'message' ? String(value).replace(/\n+$/, '') : value]),
  );
}
