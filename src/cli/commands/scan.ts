import { type Command, configArgument, optionalText, sectionArgument, text } from '../command.ts';
import { inputBytes } from '../input-bytes.ts';
import { listingOf, scanOptions } from '../listing-options.ts';
import { openProject } from '../open-project.ts';

export const scanCommand: Command = {
  name: 'scan',
  summary: 'Look at everything of a section and keep the listing',
  description:
    'Lists every file, link and directory of a section with size, time, mode and owner in the state folder, from where missing and archive take it with --listing. A scan that was stopped or killed goes on from what it had finished, if that was less than a day ago. Exit 4 if something could not be looked at.',
  arguments: [configArgument, sectionArgument],
  options: [
    ...scanOptions,
    {
      flags: '--from <file>',
      description:
        "do not look at the disks: take over a list of find or of a GPFS policy ('-' for standard input); docs/scale.md says how to make one",
    },
  ],
  examples: [
    'stowage scan survey.json data',
    'stowage scan survey.json data --jobs 8',
    "find /projects/survey/data -printf '%P\\0%s\\0%T@\\0%m\\0%y\\0%l\\0' | stowage scan survey.json data --from -",
  ],
  async *run(call) {
    const options = listingOf(call);
    const from = optionalText(call, 'from');
    const [project, { scan, scanFrom }] = await Promise.all([openProject(call), import('../../verbs/scan.ts')]);
    const section = text(call, 'section');
    if (from === undefined) yield* scan(project, section, { ...call.verb, ...options });
    else yield* scanFrom(project, section, inputBytes(from), call.verb);
  },
};
