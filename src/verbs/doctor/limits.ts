import { type Check, ok, problem, warning } from './check.ts';

/** The limits that the system sets this user: open files, and the size of a file. */
export const limitsCheck: Check = {
  name: 'limits',
  async *examine({ machine }) {
    const limits = machine.limits();
    // Node raises the soft limit to the hard one when it starts.
    const files = limits.open_files?.soft;
    if (typeof files === 'number' && files < 1024) {
      const found = `only ${files} files may be open at once`;
      const advice = 'raise it with ulimit -n 4096, or in /etc/security/limits.conf';
      yield files < 128 ? problem(found, advice) : warning(found, advice);
    } else yield ok(`${files ?? 'any number of'} files may be open at once`);
    const blocks = limits.file_size_blocks?.soft;
    if (typeof blocks === 'number') {
      yield warning(
        `no file may be larger than ${blocks.toLocaleString('en-US')} blocks: a larger archive fails`,
        'raise it with ulimit -f unlimited',
      );
    }
  },
};
