import { type Command, configArgument, optionalText, sectionArgument, text } from '../command.ts';
import { openProject } from '../open-project.ts';

export const lsCommand: Command = {
  name: 'ls',
  summary: 'List a directory of a section as it was archived',
  description:
    'From the record alone: neither the disks nor the store is looked at. Directories come with a slash. With --long each line has mode, size (of a directory: of all files below it), date, name and archive. A name that several archives hold comes once for each. Nothing there is exit 1.',
  arguments: [
    configArgument,
    sectionArgument,
    { name: 'path', description: 'a directory or file of the section; default: the section itself', optional: true },
  ],
  options: [
    { flags: '-l, --long', description: 'with mode, size, date and archive' },
    { flags: '--recursive', description: 'all files below, with their paths' },
  ],
  examples: ['stowage ls survey.json data', 'stowage ls survey.json data raw/20240101 -l'],
  onlyTells: true,
  async *run(call) {
    const [project, { ls }] = await Promise.all([openProject(call), import('../../verbs/search/ls.ts')]);
    const path = optionalText(call, 'path');
    const { long, recursive } = call.flags;
    yield* ls(project, text(call, 'section'), {
      ...call.verb,
      long: long === true,
      recursive: recursive === true,
      ...(path === undefined ? {} : { path }),
    });
  },
};
