import { StowageError } from '../../errors.ts';
import { type Command, configArgument, optionalText, sectionArgument, text } from '../command.ts';
import { openProject } from '../open-project.ts';

export const duCommand: Command = {
  name: 'du',
  summary: 'Say how much of each directory is archived',
  description:
    'From the record alone: what archives hold below a directory and below each of those in it, the directory itself last. A file that two archives hold counts twice, several names of one file in an archive count once. Nothing there is exit 1.',
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
