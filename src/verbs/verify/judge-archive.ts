import { type ArchiveRecord, isSameObject } from '../../catalog/archive-record.ts';
import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import { timeToText } from '../../model/file-time.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { StoredObject } from '../../store/store.ts';
import { identityOf, type Project, signalOf } from '../project.ts';
import type { RunJournal } from '../run-journal.ts';
import { checkArchive } from './check-archive.ts';
import type { Candidate } from './portion.ts';
import type { Verdict } from './verify-event.ts';

/** Looks at one archive, of which `object` was just seen, as closely as asked and writes down what was seen, durably, if there is a journal. Throws if the store cannot be looked at. */
export async function judgeArchive(
  project: Project,
  { catalog: remembering, key, record: remembered }: Candidate,
  journal: RunJournal | undefined,
  options: { readonly level: EvidenceLevel; readonly createDigests?: boolean; readonly signal?: AbortSignal },
  object: StoredObject | undefined,
  onBytes: (bytes: number) => void,
): Promise<Verdict> {
  const { catalog, record } = await currentRecord(project, remembering, key, remembered, object);
  const base = { archive: key, level: options.level };
  const at = () => project.clock.now().toISOString();
  const writer = await journal?.open();
  const seen = { kind: 'evidence', key, version: record.version, level: options.level } as const;
  if (object === undefined) {
    const problems = ['it is no longer in the store'];
    await writer?.add({ ...seen, at: at(), outcome: 'missing', problems });
    await writer?.commit();
    return { ...base, outcome: 'missing', problems };
  }
  const recorded = { head: record.head, manifest: () => catalog.manifestOf(record) };
  const checked = await checkArchive(project.store, recorded, object, options.level, {
    ...signalOf(options),
    createDigests: options.createDigests === true,
    onBytes,
  });
  // Nothing was seen of it, so there is no evidence to write down.
  if (checked.unproven !== undefined) return { ...base, outcome: 'unproven', problems: [checked.unproven] };
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
  if (token !== undefined && checked.completed !== undefined) await writer?.addManifest(token, checked.completed);
  const other = object.version === record.version ? {} : { seen: seenOf(object) };
  await writer?.add({ ...seen, ...other, at: at(), outcome, problems, ...(token === undefined ? {} : { token }) });
  await writer?.commit();
  return {
    ...base,
    outcome,
    problems,
    ...(checked.readBy === undefined ? {} : { readBy: checked.readBy }),
    ...(checked.copies === undefined ? {} : { copies: checked.copies }),
  };
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
