import { isStowageError } from '../../errors.ts';
import { type Command, configArgument, sectionArgument, text, texts } from '../command.ts';
import { openProject } from '../open-project.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'Say what becomes of a path, and why',
  description:
    'Tries every rule of its directory on the path: which match and how far, which do not and where they stop, and how the name of the archive comes about, step by step. Also says what the path is on disk, and which archive holds it by the record; neither the disk nor the store needs to be there. Exit 1 if a path is unmapped, ambiguous or refused.',
  arguments: [
    configArgument,
    sectionArgument,
    { name: 'path', description: 'a path, relative to the section or absolute; it need not exist', many: true },
  ],
  options: [],
  examples: [
    'stowage explain survey.json data raw/20240101/a.fits',
    'stowage explain survey.json data /projects/survey/data/notes.txt',
    "stowage explain survey.json data raw/new --json | jq '.rules[] | select(.matches)'",
  ],
  onlyTells: true,
  async *run(call) {
    const [{ inspectConfiguration }, { explain }] = await Promise.all([
      import('../../open.ts'),
      import('../../verbs/explain.ts'),
    ]);
    const { configuration } = await inspectConfiguration(text(call, 'config'));
    // Rules can be explained without a store, but not with errors in them: of these openProject tells.
    if (configuration === undefined) throw await openProject(call).catch((error: unknown) => error);
    const project = await openProject(call).catch((error: unknown) => {
      if (isStowageError(error, 'configuration')) return error;
      throw error;
    });
    yield* explain({ configuration, project }, text(call, 'section'), texts(call, 'path'), call.verb);
  },
};
