import { type Command, configArgument } from '../command.ts';
import { openProject } from '../open-project.ts';
import { sessionsOption } from '../sessions.ts';

export const rebuildCatalogCommand: Command = {
  name: 'rebuild-catalog',
  summary: 'Make the record anew from the store',
  description:
    'For a state folder that is lost or damaged, or when root or store were moved: reads the copies of the journals that the store keeps, and the index of each archive that none of them explains. What was in the state folder is set aside below replaced/, not deleted.',
  arguments: [configArgument],
  options: [sessionsOption],
  examples: ['stowage rebuild-catalog survey.json'],
  async *run(call) {
    const [project, { rebuildCatalog }] = await Promise.all([
      openProject(call),
      import('../../verbs/rebuild/rebuild-catalog.ts'),
    ]);
    yield* rebuildCatalog(project, call.verb);
  },
};
