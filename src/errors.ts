/** What went wrong, as a closed set: code branches on this and never on the text of a message. */
export type ErrorCode =
  | 'usage' // the command line or an argument
  | 'configuration' // the configuration says something that cannot be
  | 'mismatch' // the record was made for another root or store
  | 'unavailable' // a store, disk or file could not be looked at or written
  | 'full' // no space or quota left
  | 'corrupt' // what was read is not what was written
  | 'missing' // the object is not there
  | 'asleep' // the object sleeps on tape and must be recalled first
  | 'exists' // a name is taken that was expected to be free
  | 'changed' // an object is not in the version that was expected
  | 'refused' // we will not do this: it could lose data or leave its place
  | 'locked' // another run holds the lock
  | 'program' // a foreign program failed
  | 'interrupted' // the user or a signal stopped the work
  | 'bug'; // a fault of ours

export interface ErrorDetails {
  /** What the user can do about it, best as a command. */
  readonly hint?: string;
  /** Values that help to find the cause: names, sizes, exit statuses. Never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class of Stowage: what is wrong (lower case, with the name), what to do, and why. */
export class StowageError extends Error {
  override readonly name = 'StowageError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.facts = details.facts ?? {};
  }
}

/** True for an error of ours, with one of the given codes if any are given. */
export function isStowageError(error: unknown, ...codes: readonly ErrorCode[]): error is StowageError {
  return error instanceof StowageError && (codes.length === 0 || codes.includes(error.code));
}

/** What there is to do about an error, in brackets behind a blank, for texts of one line; empty where nobody knows. */
export function hintInBrackets(error: unknown): string {
  return isStowageError(error) && error.hint !== undefined ? ` (${error.hint})` : '';
}

/** The errno name (`ENOENT`, `ENOSPC`, …) of a system error, or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

const plainWords: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'is a directory',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'quota exceeded',
  EIO: 'input/output error',
  EROFS: 'read-only file system',
  ENAMETOOLONG: 'name too long',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  EXDEV: 'on another file system',
  EEXIST: 'already exists',
  ENXIO: 'no such device, or nobody reads from the pipe',
};

/** A system error in plain words; any other error by its own message. */
export function plainReason(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return plainWords[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

/** Turns a failed file operation into ours: `full` for space and quota, else `unavailable`. `what` names the deed and the path. */
export function fileError(what: string, error: unknown, hint?: string): StowageError {
  if (error instanceof StowageError) return error;
  const code = systemCode(error);
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const advice = hint ?? (full ? 'free some space and run the same command again' : undefined);
  return new StowageError(full ? 'full' : 'unavailable', `${what}: ${plainReason(error)}`, {
    ...(advice === undefined ? {} : { hint: advice }),
    facts: { errno: code },
    cause: error,
  });
}
