import { type ErrorCode, isStowageError, StowageError } from '../errors.ts';

/** The error numbers that a central server was seen to answer with, and those of alien.py's own, with the names that Linux gives them. */
export const errnoNames: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  5: 'EIO',
  6: 'ENXIO',
  13: 'EACCES',
  17: 'EEXIST',
  20: 'ENOTDIR',
  21: 'EISDIR',
  22: 'EINVAL',
  38: 'ENOSYS',
  42: 'ENOMSG',
  53: 'EBADR',
  61: 'ENODATA',
  64: 'ENONET',
  67: 'ENOLINK',
  70: 'ECOMM',
  77: 'EBADFD',
  84: 'EILSEQ',
  104: 'ECONNRESET',
  107: 'ENOTCONN',
  117: 'EUCLEAN',
  121: 'EREMOTEIO',
  129: 'EKEYREJECTED',
};

const codes: Readonly<Record<number, ErrorCode>> = {
  1: 'refused',
  2: 'missing',
  13: 'refused',
  17: 'exists',
  22: 'usage',
  107: 'unavailable',
  129: 'refused',
};

/** Our error for what a server answered: the text is the server's first line, `facts.errno` its number. */
export function gridError(command: string, errno: number, text: string, cause?: unknown): StowageError {
  const first = text.split('\n', 1)[0]!.trim();
  const said = first === '' ? `error ${errno}${errnoNames[errno] ? ` (${errnoNames[errno]})` : ''}` : first;
  return new StowageError(codes[errno] ?? 'unavailable', `${command}: ${said}`, {
    facts: { errno, command, text },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The error number that an error of the Grid carries, if it has one. */
export function errnoOf(error: unknown): number | undefined {
  if (!isStowageError(error)) return undefined;
  const errno = error.facts.errno;
  return typeof errno === 'number' ? errno : undefined;
}
