import { type EvidenceLevel, evidenceLevels } from '../../model/evidence.ts';
import { type Command, configArgument, optionalText, sectionArgument, texts } from '../command.ts';
import { openProject } from '../open-project.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Check stored archives against the record',
  description:
    'Compares each archive with what was recorded: that it is listed, that it has its size, that its index names its members, that the digest which the store keeps is the recorded one, or, by reading it back, every byte. What was seen is recorded with its date. A store has not every level; a level that it has not is exit 2.',
  arguments: [
    configArgument,
    { ...sectionArgument, optional: true, description: 'only this section (default: all that were archived)' },
    { name: 'archive', description: 'only these archives, by their names in the section', optional: true, many: true },
  ],
  options: [{ flags: '--level <level>', description: 'how closely to look', default: 'size', choices: evidenceLevels }],
  examples: [
    'stowage verify survey.json',
    'stowage verify survey.json data --level read',
    'stowage verify survey.json data spectra/tile_0001.tar --level index',
  ],
  gentle: true,
  async *run(call) {
    const [project, { verify }] = await Promise.all([openProject(call), import('../../verbs/verify/verify.ts')]);
    const section = optionalText(call, 'section');
    yield* verify(project, {
      ...call.verb,
      level: (optionalText(call, 'level') ?? 'size') as EvidenceLevel,
      archives: texts(call, 'archive'),
      ...(section === undefined ? {} : { section }),
    });
  },
};
