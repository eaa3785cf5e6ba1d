import { type Command, configArgument, sectionArgument, text } from '../command.ts';
import { listingOf, scanOptions } from '../listing-options.ts';
import { openProject } from '../open-project.ts';

export const scanCommand: Command = {
  name: 'scan',
  summary: 'Look at everything of a section and keep the listing',
  description:
    'Lists every file, link and directory of a section with size, time, mode and owner in the state folder, from where missing and archive take it with --listing. A scan that was stopped or killed goes on from what it had finished, if that was less than a day ago. Exit 4 if something could not be looked at.',
  arguments: [configArgument, sectionArgument],
  options: scanOptions,
  examples: ['stowage scan survey.json data', 'stowage scan survey.json data --jobs 8'],
  async *run(call) {
    const options = listingOf(call);
    const [project, { scan }] = await Promise.all([openProject(call), import('../../verbs/scan.ts')]);
    yield* scan(project, text(call, 'section'), { ...call.verb, ...options });
  },
};
