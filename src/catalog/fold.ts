import { StowageError } from '../errors.ts';
import { nameFromJson } from '../model/byte-name.ts';
import { reaches } from '../model/evidence.ts';
import { timeFromText } from '../model/file-time.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import { type ArchiveHead, type ArchiveRecord, isSameObject, type PendingWrite } from './archive-record.ts';
import type {
  EvidenceRecord,
  JournalItem,
  ManifestRecord,
  MemberBlock,
  RecordedRecord,
  RunRecord,
  WrittenRecord,
} from './records.ts';

/** What all journals of a section say together. */
export interface Fold {
  readonly archives: ReadonlyMap<StoreKey, ArchiveRecord>;
  readonly pending: readonly PendingWrite[];
  readonly runs: readonly FoldedRun[];
}

export interface FoldedRun {
  readonly record: RunRecord;
  /** When it ended; undefined if it was killed or is at work. */
  readonly endedAt: string | undefined;
  /** True if it recorded archives, so that the store must have a copy of its journal. */
  readonly hasManifests: boolean;
}

/** Takes what journals say run by run, in the order of the runs' names, and says what it adds up to. Members are not held. */
export interface Folder {
  add(item: JournalItem, run: string): void;
  result(): Fold;
}

/** An empty fold. Order matters within a run and between runs that touch the same archive; evidence counts by version, whenever it comes. */
export function folder(): Folder {
  const archives = new Map<StoreKey, ArchiveRecord>();
  const manifests = new Map<string, OpenManifest>();
  const pending = new Map<string, WrittenRecord>();
  const evidence: EvidenceRecord[] = [];
  const runs: { record: RunRecord; endedAt: string | undefined; hasManifests: boolean }[] = [];
  let current: OpenManifest | undefined;

  const headOf = (token: string): ArchiveHead => {
    const found = manifests.get(token);
    if (found === undefined || (found.block?.count ?? 0) !== found.record.members) {
      throw new StowageError('corrupt', `the journal records an archive whose manifest is not whole (${token})`, {
        hint: 'stowage rebuild-catalog CONFIG makes the record anew from the store',
      });
    }
    return archiveHead(found.record, found.block, found.run);
  };

  return {
    add(record, run) {
      switch (record.kind) {
        case 'run':
          runs.push({ record, endedAt: undefined, hasManifests: false });
          return;
        case 'end':
          if (runs.length > 0) runs[runs.length - 1]!.endedAt = record.at;
          return;
        case 'manifest':
          current = { record, run };
          manifests.set(record.token, current);
          if (runs.length > 0) runs[runs.length - 1]!.hasManifests = true;
          return;
        case 'members':
          // The lines stand right behind their manifest.
          if (current !== undefined) current.block = record;
          current = undefined;
          return;
        case 'written':
          pending.set(record.token, record);
          return;
        case 'recorded': {
          const head = headOf(record.token);
          const earlier = archives.get(head.key);
          archives.set(head.key, knownBetter(earlier, record, head) ?? recordOf(record, head, run, earlier));
          pending.delete(record.token);
          manifests.delete(record.token);
          return;
        }
        case 'discarded':
          pending.delete(record.token);
          manifests.delete(record.token);
          return;
        case 'evidence':
          evidence.push(record);
          return;
      }
    },
    result() {
      const judged = new Map(archives);
      // A check that began earlier may have come to an archive later: the dates count, not the order of the runs.
      for (const record of [...evidence].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)))
        applyEvidence(judged, record, headOf);
      const open = [...pending.values()].map((written) => ({ ...writtenOf(written), head: headOf(written.token) }));
      return { archives: judged, pending: open, runs };
    },
  };
}

/** A manifest whose members may still follow. */
interface OpenManifest {
  readonly record: ManifestRecord;
  readonly run: string;
  block?: MemberBlock;
}

function archiveHead(record: ManifestRecord, block: MemberBlock | undefined, run: string): ArchiveHead {
  const { key, format, bytes, sha256, md5, signature, base, adopted, digestsFrom, members } = record;
  const foreign = record.foreign?.map((one) => ({ path: nameFromJson(one), what: one.what }));
  return {
    key: storeKey(key),
    format,
    bytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(md5 === undefined ? {} : { md5 }),
    ...(signature === undefined ? {} : { signature }),
    base,
    adopted,
    digestsFrom,
    ...(foreign === undefined ? {} : { foreign }),
    lines: { run, offset: block?.offset ?? 0, length: block?.length ?? 0 },
    members,
    contentMembers: block?.content ?? 0,
    contentBytes: block?.contentBytes ?? 0,
  };
}

function recordOf(
  record: RecordedRecord,
  head: ArchiveHead,
  run: string,
  earlier: ArchiveRecord | undefined,
): ArchiveRecord {
  return {
    head,
    version: record.version,
    ...modifiedOf(record.modified),
    recordedAt: record.at,
    run,
    evidence: [{ level: record.level, at: record.at, version: record.version }],
    recording: { head, recordedAt: record.at, ...(earlier === undefined ? {} : { earlier: earlier.recording }) },
  };
}

/**
 * A run whose state folder was lost adopts what it finds; when the journals are back, what was recorded when the same object was
 * written says more, and stands.
 */
function knownBetter(
  earlier: ArchiveRecord | undefined,
  record: RecordedRecord,
  head: ArchiveHead,
): ArchiveRecord | undefined {
  if (earlier === undefined || !head.adopted || earlier.head.sha256 === undefined) return undefined;
  const now = { version: record.version, ...modifiedOf(record.modified) };
  return isSameObject(earlier, { bytes: head.bytes, ...now }) ? { ...earlier, ...now } : undefined;
}

function writtenOf(record: WrittenRecord): Omit<PendingWrite, 'head'> {
  return { key: storeKey(record.key), token: record.token, version: record.version, ...modifiedOf(record.modified) };
}

function modifiedOf(text: string | undefined): { readonly modifiedNs?: bigint } {
  const modifiedNs = text === undefined ? undefined : timeFromText(text);
  return modifiedNs === undefined ? {} : { modifiedNs };
}

/** A check of another version says nothing about this one. */
function applyEvidence(
  archives: Map<StoreKey, ArchiveRecord>,
  found: EvidenceRecord,
  headOf: (token: string) => ArchiveHead,
): void {
  const key = storeKey(found.key);
  const archive = archives.get(key);
  if (archive === undefined || archive.version !== found.version) return;
  const { damage: _, ...rest } = archive;
  if (found.outcome === 'intact') {
    // Read whole and found to be what was recorded, another version is as good as the recorded one.
    const moved = found.seen === undefined ? {} : { version: found.seen.version, ...modifiedOf(found.seen.modified) };
    archives.set(key, {
      ...(damageOutlives(archive, found) ? archive : rest),
      ...moved,
      ...(found.token === undefined ? {} : { head: headOf(found.token) }),
      evidence: [...archive.evidence, { level: found.level, at: found.at, version: found.version }],
    });
  } else {
    const { at, level, outcome, problems } = found;
    const seen = found.seen === undefined ? {} : { seen: found.seen.version };
    const damage = { at, level, outcome, problems, ...seen };
    archives.set(key, { ...rest, damage });
  }
}

/** That a file has the right size does not heal a digest that was wrong: only as close a look does. */
function damageOutlives(archive: ArchiveRecord, found: EvidenceRecord): boolean {
  if (archive.damage === undefined || archive.damage.outcome === 'missing') return false;
  return !reaches(found.level, archive.damage.level);
}
