import { errnoOf } from '../grid/errno.ts';

/** True for an error with one of these numbers of a central server. */
export function isErrno(error: unknown, ...numbers: readonly number[]): boolean {
  const errno = errnoOf(error);
  return errno !== undefined && numbers.includes(errno);
}
