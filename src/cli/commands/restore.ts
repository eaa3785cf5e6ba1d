import { StowageError } from '../../errors.ts';
import { type Command, configArgument, optionalText, sectionArgument, text, texts } from '../command.ts';
import { inputBytes } from '../input-bytes.ts';
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
      optional: true,
      many: true,
    },
  ],
  options: [
    {
      flags: '--files-from <file>',
      description:
        "restore what this list names ('-' for standard input): one path a line, or each ended by a NUL, as stowage find -0 writes them",
    },
    { flags: '--archive <name>', description: 'take it from this archive (default: the one recorded last)' },
    { flags: '--to <dir>', description: 'restore below this directory instead of the original place' },
    { flags: '--overwrite', description: 'replace what is there and differs' },
    sessionsOption,
  ],
  examples: [
    'stowage restore survey.json data spectra/tile_0001/coadd.fits',
    'stowage restore survey.json data . --to /tmp/look',
    "stowage find survey.json '*.fits' --section data -0 | stowage restore survey.json data --files-from -",
  ],
  gentle: true,
  async *run(call) {
    const list = optionalText(call, 'filesFrom');
    const [project, { restore }, { readPathList }] = await Promise.all([
      openProject(call),
      import('../../verbs/restore/restore.ts'),
      import('../../verbs/restore/path-list.ts'),
    ]);
    if (list === undefined && texts(call, 'path').length === 0)
      throw new StowageError('usage', 'nothing says what to restore', {
        hint: "give paths ('.' is all of the section), or a list of them by --files-from",
      });
    const listed = list === undefined ? [] : await readPathList(inputBytes(list), list);
    const archive = optionalText(call, 'archive');
    const to = optionalText(call, 'to');
    yield* restore(project, text(call, 'section'), {
      ...call.verb,
      paths: [...texts(call, 'path'), ...listed],
      overwrite: call.flags.overwrite === true,
      ...(archive === undefined ? {} : { archive }),
      ...(to === undefined ? {} : { to }),
    });
  },
};
