import type { Project } from '../verbs/project.ts';
import { type Call, optionalText, text } from './command.ts';

/** Opens what the command line names: its configuration, with the state folder of `--state`. */
export async function openProject(call: Call): Promise<Project> {
  const [{ openConfiguration }, { projectOf }] = await Promise.all([
    import('../open.ts'),
    import('../verbs/project.ts'),
  ]);
  const state = optionalText(call, 'state');
  const onHpssWait = ({ reason, seconds }: { readonly reason: string; readonly seconds: number }) =>
    call.tell(`${reason}; the next try comes in ${seconds} s`);
  const options = { onHpssWait, ...(state === undefined ? {} : { state }) };
  return projectOf(await openConfiguration(text(call, 'config'), options));
}
