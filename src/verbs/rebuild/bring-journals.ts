import { journalLine } from '../../catalog/journal-line.ts';
import { type JournalLines, journalLines } from '../../catalog/journal-lines.ts';
import { readJournalLines, recordOfLine } from '../../catalog/journal-reader.ts';
import { journalPath, runsOf, type StateFolder } from '../../catalog/state-folder.ts';
import { type AppendFile, appendFile } from '../../durable/append-file.ts';
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
      const lines = journalLines(await project.store.get(object.key, signalOf(options)), object.key);
      const section = await writeBound(project, into, run, lines);
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
        await writeBound(project, into, run, readJournalLines(path));
      } catch (error) {
        if (!isStowageError(error, 'corrupt')) throw error;
        yield { kind: 'failed', what: path, error };
      }
    }
  }
  return sections;
}

/**
 * Writes one journal with the configuration's root and store in its first line; gives the section that it belongs to. Its lines go through
 * as they are, and one that turns out to be damaged leaves nothing.
 */
async function writeBound(
  project: Project,
  into: StateFolder,
  run: string,
  batches: AsyncIterable<JournalLines>,
): Promise<string | undefined> {
  let section: string | undefined;
  let file: AppendFile | undefined;
  try {
    for await (const { bytes, offset, ends } of batches) {
      let from = 0;
      if (offset === 0) {
        const first = recordOfLine(bytes, 0, ends[0]!);
        if (first.kind === 'run' && project.configuration.sections.has(first.section)) {
          section = first.section;
          file = await appendFile(project.files, journalPath(into, section, run));
          file.append(journalLine({ ...first, ...identityOf(project) }));
          from = ends[0]! + 1;
        }
      }
      file?.append(bytes.toString('utf8', from));
      await file?.flush();
    }
    await file?.close();
    return section;
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (section !== undefined) await project.files.unlink(journalPath(into, section, run)).catch(() => undefined);
    throw error;
  }
}
