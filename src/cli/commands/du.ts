import { StowageError } from '../../errors.ts';
import { type Command, configArgument, optionalText, sectionArgument, text } from '../command.ts';
import { openProject } from '../open-project.ts';

export const duCommand: Command = {
  name: 'du',
  summary: 'Say how much of each directory is archived and how much is not',
  description:
    'What archives hold below a directory and below each of those in it, the directory itself last; and, by the last complete listing of the section, how much of what was on disk no archive holds, or not as it was. Neither disk nor store is looked at: stowage scan makes a new listing. In archives, a file that two of them hold counts twice; several names of one file count once. Nothing there is exit 1, places that the scan could not look at are exit 4.',
  arguments: [
    configArgument,
    sectionArgument,
    { name: 'path', description: 'a directory of the section; default: the section itself', optional: true },
  ],
  options: [
    {
      flags: '--depth <levels>',
      description: 'how many levels of directories to tell; 0: the sum alone',
      default: '1',
    },
  ],
  examples: ['stowage du survey.json data', 'stowage du survey.json data raw --depth 2'],
  onlyTells: true,
  async *run(call) {
    const depth = text({ ...call, args: call.flags as never }, 'depth');
    if (!/^\d{1,4}$/.test(depth)) {
      throw new StowageError('usage', `'${depth}' is not a number of levels`, { hint: '--depth 2' });
    }
    const [project, { du }] = await Promise.all([openProject(call), import('../../verbs/search/du.ts')]);
    const path = optionalText(call, 'path');
    yield* du(project, text(call, 'section'), {
      ...call.verb,
      depth: Number(depth),
      ...(path === undefined ? {} : { path }),
    });
  },
};
