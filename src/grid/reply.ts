import { StowageError } from '../errors.ts';

/** A value inside of a reply: nearly always text; `stat -v` nests an object. */
export type GridValue = string | number | boolean | null | readonly GridValue[] | { readonly [key: string]: GridValue };

/** One entry of a reply: what a command found, by key, and often `message`, the same as text for people. */
export type GridResult = Readonly<Record<string, GridValue>>;

/** What the server answered to one command. */
export interface Reply {
  /** 0, or an errno of Linux; -1 where the server could not even read the request. */
  readonly exitCode: number;
  /** Empty, or the text of the error, perhaps over several lines. */
  readonly error: string;
  /** The working directory after the command, with `/` at its end. Absent where the server did not say. */
  readonly currentDirectory?: string;
  readonly user?: string;
  readonly timingMs?: number;
  readonly results: readonly GridResult[];
  /** The reply as it came. Of a command that was sent in pieces, one line for each. */
  readonly raw: string;
}

const errnoOfNothing = 61;

/** Reads one reply. Throws `corrupt` for whatever is not one, and an empty one, which a server sends for a reply that it lost, with errno 61. */
export function parseReply(raw: string): Reply {
  if (raw.trim() === '') throw unreadable('the server sent an empty reply', raw, undefined, errnoOfNothing);
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (error) {
    throw unreadable('the server sent a reply that is not JSON', raw, error);
  }
  if (!isObject(value) || !isObject(value.metadata) || !Array.isArray(value.results)) {
    throw unreadable('the server sent a reply without metadata and results', raw);
  }
  const { exitcode, error, currentdir, user, timing_ms } = value.metadata;
  const exitCode = wholeNumber(exitcode);
  if (exitCode === undefined) throw unreadable('the server sent a reply without an exit code', raw);
  if (!value.results.every(isObject)) throw unreadable('the server sent results that are not objects', raw);
  const timingMs = Number.parseFloat(String(timing_ms));
  return {
    exitCode,
    error: typeof error === 'string' ? error : '',
    ...(typeof currentdir === 'string' && currentdir.startsWith('/')
      ? { currentDirectory: withSlash(currentdir) }
      : {}),
    ...(typeof user === 'string' && user !== '' ? { user } : {}),
    ...(Number.isFinite(timingMs) ? { timingMs } : {}),
    results: value.results as readonly GridResult[],
    raw,
  };
}

/** The replies to the pieces of one command as one: all results, the last error, and the directory after the last. At least one reply. */
export function joinReplies(replies: readonly Reply[]): Reply {
  const last = replies.at(-1)!;
  if (replies.length === 1) return last;
  const failed = replies.findLast((reply) => reply.exitCode !== 0) ?? last;
  return {
    ...last,
    exitCode: failed.exitCode,
    error: failed.error,
    results: replies.flatMap((reply) => reply.results),
    raw: replies.map((reply) => reply.raw).join('\n'),
  };
}

/** The text for people in a reply, one entry a line, as the server wrote it. */
export function messageOf(reply: Reply): string {
  return reply.results.flatMap(({ message }) => (typeof message === 'string' ? [message] : [])).join('\n');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,9}$/.test(value.trim()) ? Number(value) : undefined;
}

function withSlash(directory: string): string {
  return directory.endsWith('/') ? directory : `${directory}/`;
}

function unreadable(what: string, raw: string, cause?: unknown, errno = 42): StowageError {
  return new StowageError('corrupt', what, {
    facts: { errno, beginning: raw.slice(0, 200) },
    ...(cause === undefined ? {} : { cause }),
  });
}
