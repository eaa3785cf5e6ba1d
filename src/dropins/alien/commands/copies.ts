import type { ClientCommand } from '../client-command.ts';
import { failed } from '../outcome.ts';

/** Function not implemented. */
const notImplemented = 38;

function waiting(name: string, summary: string, usage: string): ClientCommand {
  return {
    name,
    summary: `${summary} (not in this version)`,
    usage: [usage, 'This version moves no data: it ends with exit status 38 and does nothing.'],
    run: async () =>
      failed(
        notImplemented,
        `${name}: this version cannot copy data between the Grid and this machine; nothing was done`,
      ),
  };
}

/** Commands that move data by XRootD. They do nothing and say so. */
export const commands: readonly ClientCommand[] = [
  waiting('edit', 'edit a file with $EDITOR', 'edit [-datebck] LFN[@SPECS]'),
  waiting('vi', 'edit a file with vi', 'vi LFN'),
  waiting('vim', 'edit a file with vim', 'vim LFN'),
  waiting('nano', 'edit a file with nano', 'nano LFN'),
  waiting('mcedit', 'edit a file with mcedit', 'mcedit LFN'),
];
