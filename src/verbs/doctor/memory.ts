import { type Check, ok, problem, warning } from './check.ts';

const mebibyte = 2 ** 20;

/** Memory: little is needed, and it does not grow with the tree; but this little must be there. */
export const memoryCheck: Check = {
  name: 'memory',
  async *examine({ machine }) {
    const { total, free, limit } = machine.memory();
    const all = limit ?? total;
    const text = `${mebibytes(all)} of memory${limit === undefined ? '' : ' (a limit of the container or batch job)'}, ${mebibytes(Math.min(free, all))} free`;
    if (all < 256 * mebibyte) yield problem(text, 'allow at least 512 MiB');
    else if (all < 512 * mebibyte) yield warning(`${text}: it may not do for large sections`, 'allow at least 512 MiB');
    else if (free < 128 * mebibyte)
      yield warning(`${text}: other programs may be pushed out`, 'end what needs much memory');
    else yield ok(text);
  },
};

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / mebibyte).toLocaleString('en-US')} MiB`;
}
