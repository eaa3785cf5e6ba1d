import { isStowageError } from '../errors.ts';
import type { OpenOptions } from '../open.ts';
import type { Event } from '../verbs/events.ts';
import type { Project } from '../verbs/project.ts';
import { type Call, type Option, optionalText, text, texts } from './command.ts';
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
export function openProject(call: Call): Promise<Project> {
  return opened(call, text(call, 'config'), openOptions(call));
}

/** Other configurations that are asked the same. It takes many words, so that a shell's pattern can stand there, and one too many is never taken for a pattern to find. */
export const alsoOption: Option = {
  flags: '--also <config...>',
  description:
    'ask these configurations too, also of pools: all words up to the next option; each has its record beside it, whatever --state says',
};

/**
 * Opens the configuration and those of `--also`. Of several one that cannot be opened is told as `failed`: others can still answer.
 */
export async function openProjects(
  call: Call,
): Promise<{ readonly projects: readonly Project[]; readonly failed: readonly Event[] }> {
  const also = texts(call, 'also');
  if (also.length === 0) return { projects: [await asked(call, text(call, 'config'), openOptions(call))], failed: [] };
  const { state: _, ...beside } = openOptions(call);
  const projects: Project[] = [];
  const failed: Event[] = [];
  for (const [at, path] of [text(call, 'config'), ...also].entries()) {
    try {
      projects.push(await asked(call, path, at === 0 ? openOptions(call) : beside));
    } catch (error) {
      if (!isStowageError(error) || isStowageError(error, 'usage', 'interrupted', 'bug')) throw error;
      failed.push({ kind: 'failed', what: path, error });
    }
  }
  return { projects, failed };
}

/** Also the configuration of a pool can be asked: what is recorded of its days in a store. */
async function asked(call: Call, path: string, options: OpenOptions): Promise<Project> {
  const { isPoolFile } = await import('../days/is-pool-file.ts');
  if (!(await isPoolFile(path))) return opened(call, path, options);
  const { daysProject } = await import('../days/days-project.ts');
  const project = await daysProject(path, { state: options.state, tell: call.tell });
  closesAtEnd(call, project);
  return project;
}

async function opened(call: Call, path: string, options: OpenOptions): Promise<Project> {
  const [{ openConfiguration }, { projectOf }] = await Promise.all([
    import('../open.ts'),
    import('../verbs/project.ts'),
  ]);
  const configuration = await openConfiguration(path, options);
  closesAtEnd(call, configuration);
  return projectOf(configuration);
}
