import type { Words } from './ssh-command.ts';

/** A program started by a configured `su`: its shell is given one constant text, and all that varies as arguments behind it. */
export function withSu(su: Words, user: string, words: Words): Words {
  return [...su, user, '-c', 'exec "$@"', '--', 'sh', ...words];
}
