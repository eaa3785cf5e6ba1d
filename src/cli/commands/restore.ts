import { type Command, configArgument, optionalText, sectionArgument, text, texts } from '../command.ts';
import { openProject } from '../open-project.ts';
import { sessionsOption } from '../sessions.ts';

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Bring files back from their archives',
  description:
    'Brings files and directories back, to where they were or to another place, each checked against its digest before it appears. Modes, times, links and, for root, owners are restored. Nothing is overwritten unless you say so; what is there and equal is left alone, so that an interrupted restore is simply run again.',
  arguments: [
    configArgument,
    sectionArgument,
    {
      name: 'path',
      description: "a file or directory, relative to the section (without the section's name); '.' is all of it",
      many: true,
    },
  ],
  options: [
    { flags: '--archive <name>', description: 'take it from this archive (default: the one recorded last)' },
    { flags: '--to <dir>', description: 'restore below this directory instead of the original place' },
    { flags: '--overwrite', description: 'replace what is there and differs' },
    sessionsOption,
  ],
  examples: [
    'stowage restore survey.json data spectra/tile_0001/coadd.fits',
    'stowage restore survey.json data . --to /tmp/look',
  ],
  gentle: true,
  async *run(call) {
    const [project, { restore }] = await Promise.all([openProject(call), import('../../verbs/restore/restore.ts')]);
    const archive = optionalText(call, 'archive');
    const to = optionalText(call, 'to');
    yield* restore(project, text(call, 'section'), {
      ...call.verb,
      paths: texts(call, 'path'),
      overwrite: call.flags.overwrite === true,
      ...(archive === undefined ? {} : { archive }),
      ...(to === undefined ? {} : { to }),
    });
  },
};
