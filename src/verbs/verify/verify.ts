import { type ArchiveRecord, isSameObject } from '../../catalog/archive-record.ts';
import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { recordedSections } from '../../catalog/state-folder.ts';
import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import { timeToText } from '../../model/file-time.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { StoredObject } from '../../store/store.ts';
import type { Event, Verdict } from '../events.ts';
import { identityOf, keyPrefix, type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import { type RunJournal, runJournal } from '../run-journal.ts';
import { checkArchive } from './check-archive.ts';
import { requireLevel } from './levels.ts';

export interface VerifyOptions extends VerbOptions {
  readonly level: EvidenceLevel;
  /** Absent: every section that has a record. */
  readonly section?: string;
  /** Archives by key or by name within the section; empty: all. */
  readonly archives?: readonly string[];
}

/**
 * Compares archives with the record, as closely as asked, and writes down what it saw, each with its date. Takes no lock and
 * repairs nothing. Throws `usage` for a level that the store has not, `missing` if there is nothing to verify.
 */
export async function* verify(project: Project, options: VerifyOptions): AsyncGenerator<Event> {
  requireLevel(project.store, options.level);
  const sections =
    options.section === undefined ? await sectionsOf(project) : [sectionOf(project, options.section).name];
  const work: { catalog: Catalog; records: readonly (readonly [StoreKey, ArchiveRecord])[] }[] = [];
  for (const section of sections) {
    const catalog = await openCatalog(project.state, section, identityOf(project));
    work.push({ catalog, records: chosen(catalog, options.archives ?? []) });
  }
  const all = work.flatMap((one) => one.records);
  if (all.length === 0) throw nothingRecorded(options.section);
  const progress = progressOver(all, options);
  const totals = { intact: 0, damaged: 0, missing: 0, bytes: 0 };
  for (const { catalog, records } of work) {
    const journal = runJournal(project, catalog.section, 'verify');
    try {
      for (const [key, record] of records) {
        if (options.stop?.aborted) throw interrupted();
        const verdict = await judge(project, catalog, key, record, journal, options, progress.bytes);
        progress.item();
        totals[verdict.outcome] += 1;
        totals.bytes += record.head.bytes;
        yield { kind: 'verdict', section: catalog.section, verdict };
      }
      await journal.end();
    } finally {
      await journal.close();
    }
  }
  yield { kind: 'verified', level: options.level, ...totals };
}

async function sectionsOf(project: Project): Promise<readonly string[]> {
  const recorded = await recordedSections(project.state);
  return recorded.filter((section) => project.configuration.sections.has(section));
}

function chosen(catalog: Catalog, names: readonly string[]): readonly (readonly [StoreKey, ArchiveRecord])[] {
  const records = [...catalog.archives].sort(([a], [b]) => (a < b ? -1 : 1));
  if (names.length === 0) return records;
  const prefix = keyPrefix(catalog.section);
  const keys = new Set(names.map((name) => (catalog.archives.has(name as StoreKey) ? name : prefix + name)));
  for (const key of keys) {
    if (catalog.archives.has(key as StoreKey)) continue;
    throw new StowageError('usage', `no archive '${displayName(key)}' is recorded`, {
      hint: 'stowage find CONFIG PATTERN names the archives',
    });
  }
  return records.filter(([key]) => keys.has(key));
}

async function judge(
  project: Project,
  remembering: Catalog,
  key: StoreKey,
  remembered: ArchiveRecord,
  journal: RunJournal,
  options: VerifyOptions,
  onBytes: (bytes: number) => void,
): Promise<Verdict> {
  const object = await project.store.stat(key, signalOf(options));
  const { catalog, record } = await currentRecord(project, remembering, key, remembered, object);
  const base = { archive: key, level: options.level };
  const at = () => project.clock.now().toISOString();
  const writer = await journal.open();
  const seen = { kind: 'evidence', key, version: record.version, level: options.level } as const;
  if (object === undefined) {
    const problems = ['it is no longer in the store'];
    await writer.add({ ...seen, at: at(), outcome: 'missing', problems });
    await writer.commit();
    return { ...base, outcome: 'missing', problems };
  }
  const recorded = { head: record.head, manifest: () => catalog.manifestOf(record) };
  const checked = await checkArchive(project.store, recorded, object, options.level, {
    ...signalOf(options),
    onBytes,
  });
  const replaced =
    isSameObject(record, object) || (options.level === 'read' && record.head.sha256 !== undefined)
      ? []
      : ['it was changed in the store since it was recorded'];
  const problems = [...checked.problems, ...replaced];
  const outcome = problems.length === 0 ? 'intact' : 'damaged';
  const token =
    checked.completed === undefined || problems.length > 0
      ? undefined
      : `read-${Buffer.from(project.random(8)).toString('hex')}`;
  if (token !== undefined && checked.completed !== undefined) await writer.addManifest(token, checked.completed);
  const other = object.version === record.version ? {} : { seen: seenOf(object) };
  await writer.add({ ...seen, ...other, at: at(), outcome, problems, ...(token === undefined ? {} : { token }) });
  await writer.commit();
  return { ...base, outcome, problems };
}

/** Where the object is not the recorded one, a run that is at work may just have replaced it: the record is read once more. */
async function currentRecord(
  project: Project,
  remembering: Catalog,
  key: StoreKey,
  remembered: ArchiveRecord,
  object: StoredObject | undefined,
): Promise<{ readonly catalog: Catalog; readonly record: ArchiveRecord }> {
  const before = { catalog: remembering, record: remembered };
  if (object === undefined || isSameObject(remembered, object)) return before;
  const catalog = await openCatalog(project.state, remembering.section, identityOf(project));
  const record = catalog.archives.get(key);
  return record === undefined ? before : { catalog, record };
}

function seenOf({ version, modifiedNs }: StoredObject) {
  return { version, ...(modifiedNs === undefined ? {} : { modified: timeToText(modifiedNs) }) };
}

function nothingRecorded(section: string | undefined): StowageError {
  const what =
    section === undefined ? 'nothing is recorded yet' : `nothing is recorded of section '${displayName(section)}'`;
  return new StowageError('missing', what, {
    hint: `stowage archive CONFIG ${section ?? 'SECTION'} makes archives; stowage rebuild-catalog CONFIG learns from the store`,
  });
}

function interrupted(): StowageError {
  return new StowageError('interrupted', 'stopped before all was verified', {
    hint: 'what was verified is recorded; name the archives that are left, or run it again',
  });
}

function progressOver(all: readonly (readonly [StoreKey, ArchiveRecord])[], options: VerifyOptions) {
  const reads = options.level === 'read';
  const totalBytes = reads ? all.reduce((sum, [, record]) => sum + record.head.bytes, 0) : undefined;
  let items = 0;
  let bytes = 0;
  const tell = () =>
    options.progress?.({
      stage: 'verify',
      items,
      bytes,
      totalItems: all.length,
      ...(totalBytes === undefined ? {} : { totalBytes }),
    });
  return {
    bytes(more: number) {
      bytes += more;
      tell();
    },
    item() {
      items += 1;
      tell();
    },
  };
}
