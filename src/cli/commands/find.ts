import { type Command, configArgument, optionalText, text } from '../command.ts';
import { exit } from '../exit.ts';
import { openProject } from '../open-project.ts';

export const findCommand: Command = {
  name: 'find',
  summary: 'Say which archive holds a file, and since when',
  description:
    'Searches the record, without touching the store. A pattern with *, ? or [ is a glob: over the last part of the path, or over all of it if the pattern has a slash (** crosses slashes). Any other pattern is a part of the path. Finding nothing is exit 1.',
  arguments: [configArgument, { name: 'pattern', description: 'a glob, or a part of the path' }],
  options: [{ flags: '--section <section>', description: 'only in this section' }],
  examples: [
    "stowage find survey.json '*.fits'",
    'stowage find survey.json raw/20240101',
    "stowage find survey.json 'spectra/**/coadd-*' --section data",
  ],
  async *run(call) {
    const [project, { find }] = await Promise.all([openProject(call), import('../../verbs/find.ts')]);
    const section = optionalText(call, 'section');
    yield* find(project, text(call, 'pattern'), section === undefined ? {} : { section });
  },
  expects: { kind: 'found', status: exit.incomplete, message: 'no recorded file fits the pattern' },
};
