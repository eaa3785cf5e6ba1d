import { journalLines } from '../../catalog/journal-lines.ts';
import { journalItems } from '../../catalog/journal-reader.ts';
import { recordedSections, runsOf } from '../../catalog/state-folder.ts';
import { isStowageError } from '../../errors.ts';
import { baseOf } from '../../model/relative-path.ts';
import { ownPrefix, type StoreKey } from '../../model/store-key.ts';
import { type Project, signalOf, type VerbOptions } from '../project.ts';

/** Enough for the first line of any journal. */
const firstBytes = 64 * 1024;

/**
 * Runs of this section whose journals the store has and the state folder lacks: it was lost, or another one was used. Without them
 * the record is not whole, and what it says of digests and dates must not be learned anew from the archives themselves.
 */
export async function unknownRuns(project: Project, section: string, options: VerbOptions): Promise<readonly string[]> {
  const known = new Set<string>();
  for (const one of await recordedSections(project.state))
    for (const run of await runsOf(project.state, one)) known.add(run);
  const unknown: string[] = [];
  for await (const { key, bytes } of project.store.list(ownPrefix, signalOf(options))) {
    const run = key.endsWith('.jsonl') ? baseOf(key).slice(0, -'.jsonl'.length) : undefined;
    if (run === undefined || known.has(run)) continue;
    if ((await sectionOfCopy(project, key, bytes, options)) === section) unknown.push(run);
  }
  return unknown;
}

/** The section in the first line of a journal's copy; undefined if that cannot be read: rebuild-catalog tells of it. */
async function sectionOfCopy(
  project: Project,
  key: StoreKey,
  bytes: number,
  options: VerbOptions,
): Promise<string | undefined> {
  const range = { start: 0, end: Math.min(bytes, firstBytes) };
  try {
    const lines = journalLines(await project.store.get(key, { ...signalOf(options), range }), key);
    for await (const [first] of journalItems(lines, key)) {
      return first?.kind === 'run' ? first.section : undefined;
    }
    return undefined;
  } catch (error) {
    if (isStowageError(error, 'corrupt')) return undefined;
    throw error;
  }
}
