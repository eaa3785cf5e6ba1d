import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles, syncsFolder } from '../../durable/real-files.ts';
import { isStowageError, plainReason, systemCode } from '../../errors.ts';
import { systemClock } from '../../model/clock.ts';
import type { Diagnosis, ScratchStore } from '../../store/examination.ts';
import type { Event } from '../events.ts';
import type { VerbOptions } from '../project.ts';
import { type Check, type Patient, unseen } from './check.ts';
import { checks } from './checks.ts';
import { type Machine, thisMachine } from './machine.ts';
import { type Place, place } from './place.ts';

export interface DoctorOptions extends VerbOptions {
  /** Opens the configuration, if there is one. That it cannot be used is told, and the machine is examined all the same. */
  readonly open?: () => Promise<NonNullable<Patient['project']>>;
  /** For tests. */
  readonly parts?: Partial<Pick<Patient, 'machine' | 'files' | 'clock' | 'syncsFolder'>>;
}

/**
 * Examines this machine and, with a configuration, its places and its store. Writes only to scratch folders of its own and removes them,
 * also when it is aborted; those of a killed examination are removed by the next.
 */
export async function* doctor(options: DoctorOptions = {}): AsyncGenerator<Event> {
  const { signal, parts = {} } = options;
  const files = parts.files ?? realFiles;
  const machine = parts.machine ?? thisMachine;
  const totals = { ok: 0, warnings: 0, problems: 0, unseen: 0 };
  const told = (check: string, diagnosis: Diagnosis): Event => {
    totals[words[diagnosis.outcome]] += 1;
    return { kind: 'examined', check, ...diagnosis };
  };
  let project: Patient['project'];
  try {
    project = await options.open?.();
  } catch (error) {
    if (!isStowageError(error)) throw error;
    yield { kind: 'failed', what: 'the configuration', error };
  }
  let scratch: Promise<ScratchStore> | undefined;
  const scratchStore = async () => {
    if (project === undefined) return undefined;
    scratch ??= project.examination.scratch();
    // Where the store lies in a folder, `writable` tells why not.
    return project.examination.folder === undefined ? scratch : scratch.catch(() => undefined);
  };
  const places = placesOf(files, machine, project, async () => {
    scratch ??= project!.examination.scratch();
    return (await scratch).folder!;
  });
  const ours = { machine, files, clock: systemClock, syncsFolder, ...parts };
  const patient: Patient = { ...ours, project, places, scratchStore, signal };
  try {
    for (const check of [...checks, ...storeChecks(patient)]) {
      signal?.throwIfAborted();
      if (options.stop?.aborted) break;
      try {
        for await (const diagnosis of check.examine(patient)) yield told(check.name, diagnosis);
      } catch (error) {
        if (signal?.aborted || !(isStowageError(error) || systemCode(error) !== undefined)) throw error;
        const reason = isStowageError(error) ? error.message : plainReason(error);
        yield told(check.name, unseen(reason, isStowageError(error) ? error.hint : undefined));
      }
    }
  } finally {
    await (await scratch?.catch(() => undefined))?.remove();
    for (const one of places) await one.remove();
  }
  yield { kind: 'diagnosed', ...totals };
}

const words = { ok: 'ok', warning: 'warnings', problem: 'problems', unseen: 'unseen' } as const;

/** The state folder, the store where it lies in a folder, the temporary folder. */
function placesOf(
  files: FileOperations,
  { temporaryFolder }: Machine,
  project: Patient['project'],
  scratchInStore: () => Promise<string>,
): readonly Place[] {
  const temporary = place(files, 'the temporary folder', temporaryFolder);
  if (project === undefined) return [temporary];
  const state = place(files, 'the state folder', project.state.path);
  const { folder } = project.examination;
  if (folder === undefined) return [state, temporary];
  // The store makes its own scratch folder, and removes it.
  const store = { ...place(files, 'the store', folder), scratch: scratchInStore, remove: async () => undefined };
  return [state, store, temporary];
}

function storeChecks({ project, signal }: Patient): readonly Check[] {
  return (project?.examination.checks ?? []).map(({ name, examine }) => ({
    name,
    async *examine() {
      yield* await examine(signal === undefined ? {} : { signal });
    },
  }));
}
