import { type Command, configArgument, optionalText, sectionArgument } from '../command.ts';
import { openProject } from '../open-project.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Say how each section stands, from the record alone',
  description:
    'How much is archived, when that was, how closely it was checked and when, what is damaged, and who is at work.',
  arguments: [configArgument, { ...sectionArgument, optional: true, description: 'only this section' }],
  options: [],
  examples: ['stowage status survey.json'],
  async *run(call) {
    const [project, { status }] = await Promise.all([openProject(call), import('../../verbs/status.ts')]);
    const section = optionalText(call, 'section');
    yield* status(project, section === undefined ? {} : { section });
  },
};
