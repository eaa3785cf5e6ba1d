import { type Command, configArgument, optionalText, sectionArgument } from '../command.ts';
import { openProject } from '../open-project.ts';

export const unlockCommand: Command = {
  name: 'unlock',
  summary: 'Remove the lock of a run that ended on another machine',
  description:
    'A run that was killed on this machine needs no unlocking: its lock is taken over. A lock that another machine holds is removed by this command; make sure first that no run is at work there. The lock of a live run on this machine is refused.',
  arguments: [configArgument, { ...sectionArgument, optional: true, description: 'only this section' }],
  options: [],
  examples: ['stowage unlock survey.json data'],
  async *run(call) {
    const [project, { unlock }] = await Promise.all([openProject(call), import('../../verbs/unlock.ts')]);
    const section = optionalText(call, 'section');
    yield* unlock(project, section === undefined ? {} : { section });
  },
};
