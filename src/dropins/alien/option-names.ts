import type { GridSession } from '../../grid/connect.ts';
import type { OwnCommands } from './client-command.ts';
import { serverCommands } from './server-commands.ts';

/**
 * Tells the options of a command for completion: of ours from what their help says, of the server's from its help, which is asked for once.
 * What is no command has none. Rejects where the server cannot be asked.
 */
export function optionNames(own: OwnCommands, session: () => Promise<GridSession>) {
  const told = new Map<string, readonly string[]>();
  return async (command: string): Promise<readonly string[]> => {
    const ours = await own.find(command);
    if (ours !== undefined) return optionsIn(ours.usage.join(' '));
    if (!serverCommands.includes(command)) return [];
    const known = told.get(command);
    if (known !== undefined) return known;
    const { results } = await (await session()).send(command, ['-h']);
    const options = optionsIn(results.map(({ message }) => String(message ?? '')).join(' '));
    told.set(command, options);
    return options;
  };
}

/** The words of a help text that are options. */
export function optionsIn(usage: string): readonly string[] {
  return [...new Set(usage.match(/(?<=^|[\s[|])-[a-zA-Z][\w-]*/g) ?? [])].sort();
}
