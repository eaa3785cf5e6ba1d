import type { Project } from '../verbs/project.ts';
import { type Call, optionalText, text } from './command.ts';

/** Opens what the command line names: its configuration, with the state folder of `--state`. */
export async function openProject(call: Call): Promise<Project> {
  const [{ openConfiguration }, { projectOf }] = await Promise.all([
    import('../open.ts'),
    import('../verbs/project.ts'),
  ]);
  const state = optionalText(call, 'state');
  return projectOf(await openConfiguration(text(call, 'config'), state === undefined ? {} : { state }));
}
