import { type JournalWriter, journalWriter } from '../catalog/journal-writer.ts';
import type { RunVerb } from '../catalog/records.ts';
import { newRunName, runsOf } from '../catalog/state-folder.ts';
import { fileError, isStowageError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { identityOf, type Project } from './project.ts';

/** The journal of this run, begun when the first thing is to be written down: a run that does nothing leaves nothing. */
export interface RunJournal {
  open(): Promise<JournalWriter>;
  /** Undefined if nothing was written down. */
  readonly begun: () => JournalWriter | undefined;
  /** Writes the end of the run, if it was begun. Idempotent. */
  end(): Promise<void>;
  /** Closes the file without an end: the run did not finish. Idempotent. */
  close(): Promise<void>;
}

/** That the state folder cannot be written, with what to do about it; the cause says why. */
export function unwritableState(project: Project, verb: RunVerb, error: unknown): unknown {
  if (isStowageError(error) && !isStowageError(error, 'unavailable', 'exists')) return error;
  const { message } = fileError('', error);
  const place = `cannot write to the state folder '${displayName(project.state.path)}'`;
  return new StowageError('unavailable', `${place}: ${message.replace(/^: /, '')}`, {
    hint: verb === 'verify' ? unwrittenHint(project) : 'choose another place for it with --state DIR',
    cause: error,
  });
}

/** Another state folder would have no record to verify by. */
function unwrittenHint({ pool }: Project): string {
  const keeper = 'run it as the user who keeps the record';
  return pool === undefined
    ? `${keeper}; stowage verify --no-record verifies all the same, and writes nothing down`
    : keeper;
}

/** A journal for a run of this verb on this section. `open` throws `unavailable`, with what to do as the hint, where it cannot be written. */
export function runJournal(project: Project, section: string, verb: RunVerb): RunJournal {
  let writer: JournalWriter | undefined;
  let isOpen = false;
  let opening: Promise<JournalWriter> | undefined;
  const begin = async (): Promise<JournalWriter> => {
    const now = project.clock.now();
    const run = newRunName(now, project.random(4), await runsOf(project.state, section));
    const { root, store } = identityOf(project);
    const at = now.toISOString();
    try {
      writer = await journalWriter(project.files, project.state, {
        kind: 'run',
        format: 1,
        run,
        verb,
        section,
        root,
        store,
        at,
        stowage: project.version,
      });
    } catch (error) {
      throw unwritableState(project, verb, error);
    }
    isOpen = true;
    return writer;
  };
  return {
    begun: () => writer,
    open() {
      // Archives that are made at once share one journal; where it cannot be begun, the next may try again.
      opening ??= begin().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async end() {
      if (writer === undefined || !isOpen) return;
      await writer.add({ kind: 'end', at: project.clock.now().toISOString() });
      await writer.commit();
      isOpen = false;
      await writer.close();
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await writer?.close();
    },
  };
}
