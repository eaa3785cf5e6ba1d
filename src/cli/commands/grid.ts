import { StowageError } from '../../errors.ts';
import { type Command, texts } from '../command.ts';

export const gridCommand: Command = {
  name: 'grid',
  summary: 'Work on the ALICE Grid, as with alien.py',
  description:
    'Runs commands of a JAliEn central server, or opens the shell if none is given. It is alien.py under another name: the same commands, options, environment and files in the home directory, and everything behind the name is read as alien.py reads it. stowage grid help lists the commands; docs/grid.md tells more.',
  arguments: [
    { name: 'words', description: 'a command with its arguments, or one line in quotes', optional: true, many: true },
  ],
  options: [],
  examples: [
    'stowage grid',
    'stowage grid pwd',
    'stowage grid ls -l ~/data',
    "stowage grid 'cd data; ls | wc -l'",
    'stowage grid token-init -v 2',
  ],
  // The command line reads what stands behind `grid` before it gets here: see main.ts.
  // biome-ignore lint/correctness/useYield: its output is alien.py's, and no events.
  async *run(call) {
    const { runInProcess } = await import('../../dropins/alien/process-main.ts');
    const status = await runInProcess('alien.py', texts(call, 'words'));
    if (status !== 0) throw new StowageError('program', `the command ended with status ${status}`);
  },
};
