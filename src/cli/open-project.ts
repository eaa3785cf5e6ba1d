import type { OpenOptions } from '../open.ts';
import type { Project } from '../verbs/project.ts';
import { type Call, optionalText, text } from './command.ts';
import { sessionsOf } from './sessions.ts';

/** How a configuration is opened, by the command line: the state folder of `--state`, the number of `--sessions`; waits are told. */
export function openOptions(call: Call): OpenOptions {
  const state = optionalText(call, 'state');
  const hpssSessions = sessionsOf(call);
  return {
    onGrid: call.tell,
    onHpssWait: ({ reason, seconds }) => call.tell(`${reason}; the next try comes in ${seconds} s`),
    ...(state === undefined ? {} : { state }),
    ...(hpssSessions === undefined ? {} : { hpssSessions }),
  };
}

/** The connections of its store end with the command. */
export function closesAtEnd(call: Call, { store }: Pick<Project, 'store'>): void {
  if (store.close !== undefined) call.atEnd(store.close);
}

/** Opens what the command line names. */
export async function openProject(call: Call): Promise<Project> {
  const options = openOptions(call);
  const [{ openConfiguration }, { projectOf }] = await Promise.all([
    import('../open.ts'),
    import('../verbs/project.ts'),
  ]);
  const opened = await openConfiguration(text(call, 'config'), options);
  closesAtEnd(call, opened);
  return projectOf(opened);
}
