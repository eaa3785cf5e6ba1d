import { StowageError } from '../errors.ts';
import { nameFromJson } from '../model/byte-name.ts';
import { reaches } from '../model/evidence.ts';
import { timeFromText } from '../model/file-time.ts';
import type { Manifest, Member } from '../model/manifest.ts';
import { memberFromJson } from '../model/manifest-json.ts';
import { type StoreKey, storeKey } from '../model/store-key.ts';
import { type ArchiveRecord, isSameObject, type PendingWrite } from './archive-record.ts';
import type {
  EvidenceRecord,
  JournalRecord,
  ManifestRecord,
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

/** Takes records run by run, in the order of the runs' names, and says what they add up to. */
export interface Folder {
  add(record: JournalRecord, run: string): void;
  result(): Fold;
}

/** An empty fold. Order matters within a run and between runs that touch the same archive; evidence counts by version, whenever it comes. */
export function folder(): Folder {
  const archives = new Map<StoreKey, ArchiveRecord>();
  const manifests = new Map<string, { record: ManifestRecord; members: Member[] }>();
  const pending = new Map<string, WrittenRecord>();
  const evidence: EvidenceRecord[] = [];
  const runs: { record: RunRecord; endedAt: string | undefined; hasManifests: boolean }[] = [];
  let current: { record: ManifestRecord; members: Member[] } | undefined;

  const manifestOf = (token: string): Manifest => {
    const found = manifests.get(token);
    if (found === undefined || found.members.length !== found.record.members) {
      throw new StowageError('corrupt', `the journal records an archive whose manifest is not whole (${token})`, {
        hint: 'stowage rebuild-catalog CONFIG makes the record anew from the store',
      });
    }
    const { key, format, bytes, sha256, base, adopted, digestsFrom } = found.record;
    const digest = sha256 === undefined ? {} : { sha256 };
    const foreign = found.record.foreign?.map((one) => ({ path: nameFromJson(one), what: one.what }));
    const rest = foreign === undefined ? {} : { foreign };
    return {
      key: storeKey(key),
      format,
      bytes,
      ...digest,
      base,
      adopted,
      digestsFrom,
      members: found.members,
      ...rest,
    };
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
          current = { record, members: [] };
          manifests.set(record.token, current);
          if (runs.length > 0) runs[runs.length - 1]!.hasManifests = true;
          return;
        case 'member':
          current?.members.push(memberFromJson(record));
          return;
        case 'written':
          pending.set(record.token, record);
          return;
        case 'recorded': {
          const manifest = manifestOf(record.token);
          const earlier = archives.get(manifest.key);
          archives.set(
            manifest.key,
            knownBetter(earlier, record, manifest) ?? recordOf(record, manifest, run, earlier),
          );
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
        applyEvidence(judged, record, manifestOf);
      const open = [...pending.values()].map((written) => ({
        ...writtenOf(written),
        manifest: manifestOf(written.token),
      }));
      return { archives: judged, pending: open, runs };
    },
  };
}

function recordOf(
  record: RecordedRecord,
  manifest: Manifest,
  run: string,
  earlier: ArchiveRecord | undefined,
): ArchiveRecord {
  return {
    manifest,
    version: record.version,
    ...modifiedOf(record.modified),
    recordedAt: record.at,
    run,
    evidence: [{ level: record.level, at: record.at, version: record.version }],
    since: earlier === undefined ? new Map() : unchangedSince(earlier, manifest),
  };
}

/**
 * A run whose state folder was lost adopts what it finds; when the journals are back, what was recorded when the same object was
 * written says more, and stands.
 */
function knownBetter(
  earlier: ArchiveRecord | undefined,
  record: RecordedRecord,
  manifest: Manifest,
): ArchiveRecord | undefined {
  if (earlier === undefined || !manifest.adopted || earlier.manifest.sha256 === undefined) return undefined;
  const now = { version: record.version, ...modifiedOf(record.modified) };
  return isSameObject(earlier, { bytes: manifest.bytes, ...now }) ? { ...earlier, ...now } : undefined;
}

function writtenOf(record: WrittenRecord): Omit<PendingWrite, 'manifest'> {
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
  manifestOf: (token: string) => Manifest,
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
      ...(found.token === undefined ? {} : { manifest: manifestOf(found.token) }),
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

function unchangedSince(earlier: ArchiveRecord, manifest: Manifest): ReadonlyMap<string, string> {
  const old = new Map(earlier.manifest.members.map((member) => [member.path, member]));
  const since = new Map<string, string>();
  for (const member of manifest.members) {
    const before = old.get(member.path);
    if (before === undefined || before.type !== member.type || before.bytes !== member.bytes) continue;
    if (before.mtimeNs !== member.mtimeNs || before.target !== member.target) continue;
    if (before.sha256 !== undefined && before.sha256 !== member.sha256) continue;
    since.set(member.path, earlier.since.get(member.path) ?? earlier.recordedAt);
  }
  return since;
}
