import { type Command, configArgument, optionalText, sectionArgument } from '../command.ts';
import { alsoOption, openProjects } from '../open-project.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Say how each section stands, from the record alone',
  description:
    'How much is archived, when that was, how closely it was checked and when, what is damaged, and who is at work. No store is asked: where nothing is recorded, that is said, and how to learn from the store. With --also several configurations are asked at once. A record that cannot be read is told, and the others all the same.',
  arguments: [configArgument, { ...sectionArgument, optional: true, description: 'only this section' }],
  options: [alsoOption],
  examples: ['stowage status survey.json', 'stowage status tape/survey.json --also */survey.json'],
  async *run(call) {
    const [{ projects, failed }, { status }] = await Promise.all([openProjects(call), import('../../verbs/status.ts')]);
    const section = optionalText(call, 'section');
    yield* failed;
    yield* status(projects, section === undefined ? {} : { section });
  },
};
