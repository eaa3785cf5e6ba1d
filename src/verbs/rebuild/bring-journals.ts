import { journalLine } from '../../catalog/journal-line.ts';
import { parseJournal, readJournal } from '../../catalog/journal-reader.ts';
import type { JournalRecord } from '../../catalog/records.ts';
import { journalPath, runsOf, type StateFolder } from '../../catalog/state-folder.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { isStowageError } from '../../errors.ts';
import { baseOf } from '../../model/relative-path.ts';
import { ownPrefix } from '../../model/store-key.ts';
import type { Event } from '../events.ts';
import { identityOf, type Project, signalOf, type VerbOptions } from '../project.ts';

/**
 * Brings the journals of all runs into `into`: the store's copies, and those of this machine that the store has not. Each is
 * bound to the root and store of the configuration. A damaged one is told and left out: what it recorded is learned from the archives.
 */
export async function* bringJournals(
  project: Project,
  into: StateFolder,
  options: VerbOptions,
): AsyncGenerator<Event, ReadonlySet<string>> {
  const copied = new Set<string>();
  const sections = new Set<string>();
  for await (const object of project.store.list(ownPrefix, signalOf(options))) {
    if (!object.key.endsWith('.jsonl')) continue;
    const run = baseOf(object.key).slice(0, -'.jsonl'.length);
    try {
      const records = parseJournal(await project.store.get(object.key, signalOf(options)), object.key);
      const section = await writeBound(project, into, run, records);
      if (section !== undefined) sections.add(section);
      copied.add(run);
    } catch (error) {
      if (!isStowageError(error, 'corrupt')) throw error;
      yield { kind: 'failed', what: object.key, error };
    }
  }
  for (const section of project.configuration.sections.keys()) {
    sections.add(section);
    for (const run of await runsOf(project.state, section)) {
      if (copied.has(run)) continue;
      const path = journalPath(project.state, section, run);
      try {
        await writeBound(project, into, run, readJournal(path));
      } catch (error) {
        if (!isStowageError(error, 'corrupt')) throw error;
        yield { kind: 'failed', what: path, error };
      }
    }
  }
  return sections;
}

/** Writes one journal with the configuration's root and store in its first line; gives the section that it belongs to. */
async function writeBound(
  project: Project,
  into: StateFolder,
  run: string,
  batches: AsyncIterable<readonly JournalRecord[]>,
): Promise<string | undefined> {
  let section: string | undefined;
  let lines = '';
  for await (const batch of batches) {
    for (const record of batch) {
      if (record.kind === 'run') section = record.section;
      lines += journalLine(record.kind === 'run' ? { ...record, ...identityOf(project) } : record);
    }
  }
  if (section === undefined || !project.configuration.sections.has(section)) return undefined;
  await writeWhole(project.files, journalPath(into, section, run), lines, { replace: true });
  return section;
}
