import { type ArchiveRecord, isNeverVerified, isSameObject } from '../../catalog/archive-record.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Entry } from '../../model/entry.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Held } from '../../plan/archive-row.ts';
import type { Finding } from '../../plan/finding.ts';
import { partOf } from '../../plan/part-name.ts';
import type { StoredObject } from '../../store/store.ts';
import { keyPrefix, ownsKey, type Project, signalOf } from '../project.ts';
import { type Adoption, type ArchivesOf, adopt } from './adopt.ts';
import { adoptedManifests } from './adopted-manifests.ts';
import { changedSince } from './changed-object.ts';
import type { ManifestPlace } from './manifest-place.ts';
import type { WorkPlace } from './work-place.ts';

/** What the store has under one key, and where it is told what is in it. Plain data. */
export type HeldObject = Omit<Held, 'manifest'> & { readonly manifest?: ManifestPlace };

/** The objects of a section as the store lists them. */
export interface ListedObjects {
  /** Those that the catalog explains. */
  readonly recorded: ReadonlyMap<StoreKey, HeldObject>;
  /** Those that it does not, sorted by key: unknown, or no longer what was recorded. */
  readonly strange: readonly StoredObject[];
}

/** What the store has of a section, each object with what is known of its content. */
export interface HeldObjects {
  readonly held: ReadonlyMap<StoreKey, HeldObject>;
  /** Objects whose content was not recorded and was read from their own index: to be recorded by whoever keeps a journal. */
  readonly adopted: readonly AdoptedObject[];
  readonly findings: readonly Finding[];
}

export interface AdoptedObject {
  readonly manifest: ManifestPlace;
  readonly object: StoredObject;
}

export interface HeldOptions {
  readonly signal?: AbortSignal;
  /** What the rules map to an archive from the disk: none, the only one, or at least two. */
  readonly entriesOf: (archive: string) => readonly Entry[];
  readonly archivesOf: ArchivesOf;
  /** Where manifests that no journal has are kept meanwhile. */
  readonly work: WorkPlace;
}

/** Lists the section in the store. Throws if it cannot be listed. */
export async function listObjects(
  project: Project,
  catalog: Catalog,
  options: { readonly signal?: AbortSignal },
): Promise<ListedObjects> {
  const recorded = new Map<StoreKey, HeldObject>();
  const strange: StoredObject[] = [];
  for await (const object of project.store.list(keyPrefix(catalog.section), signalOf(options))) {
    if (!ownsKey(project, catalog.section, object.key)) continue;
    const record = catalog.archives.get(object.key);
    const isKnown =
      record !== undefined &&
      (isSameObject(record, object) || (record.damage?.outcome === 'damaged' && record.damage.seen === object.version));
    // The record's own texts, so that there are not two of each in memory.
    if (isKnown) recorded.set(record.head.key, recordedAs(project, record, object));
    else strange.push(object);
  }
  return { recorded, strange: strange.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

/** Explains each object that the catalog does not, from itself. */
export async function heldObjects(
  project: Project,
  catalog: Catalog,
  { recorded, strange }: ListedObjects,
  options: HeldOptions,
): Promise<HeldObjects> {
  const held = new Map(recorded);
  const findings: Finding[] = [];
  const told = new Map<StoreKey, { readonly object: StoredObject; readonly one: Held }>();
  const manifests = adoptedManifests(project, catalog.section, options.work);
  for (const object of strange) {
    const record = catalog.archives.get(object.key);
    const name = object.key.slice(keyPrefix(catalog.section).length);
    // What a part holds the rules map to the archive that was split.
    const whole = partOf(name)?.name;
    const entries = options.entriesOf(name);
    const archivesOf: ArchivesOf = (paths) =>
      options.archivesOf(paths).map((archive) => (whole !== undefined && archive === whole ? name : archive));
    const adoption = await adopt(project.store, object, name, { ...signalOf(options), archivesOf, entries });
    findings.push(...adoption.findings);
    if (entries.length === 0 && record === undefined && !holdsMapped(adoption.manifest, name, archivesOf)) {
      findings.push({ kind: 'unexplained', archive: object.key, bytes: object.bytes });
      continue;
    }
    const one =
      record === undefined
        ? adoptedAs(adoption, object)
        : changedSince(await catalog.manifestOf(record), adoption, object);
    if (one.manifest !== undefined) await manifests.add(one.manifest, object);
    const { manifest: _, ...facts } = one;
    held.set(object.key, facts);
    told.set(object.key, { object, one: { ...facts } });
  }
  const places = await manifests.end();
  const adopted: AdoptedObject[] = [];
  for (const [key, manifest] of places) {
    const { object, one } = told.get(key)!;
    held.set(key, { ...held.get(key)!, manifest });
    if (one.damage === undefined && !one.replacedByOthers) adopted.push({ manifest, object });
  }
  return { held, adopted, findings };
}

function recordedAs(project: Project, record: ArchiveRecord, object: StoredObject): HeldObject {
  const damage = record.damage?.outcome === 'damaged' ? record.damage.problems[0] : undefined;
  return {
    version: object.version === record.version ? record.version : object.version,
    bytes: object.bytes,
    manifest: { state: project.state, head: record.head },
    neverVerified: isNeverVerified(record),
    ...(damage === undefined ? {} : { damage }),
  };
}

function adoptedAs(adoption: Adoption, object: StoredObject): Held {
  return {
    version: object.version,
    bytes: object.bytes,
    neverVerified: true,
    ...(adoption.manifest === undefined ? {} : { manifest: adoption.manifest }),
    ...(adoption.unreadable === undefined ? {} : { unreadable: adoption.unreadable }),
  };
}

function holdsMapped(manifest: Manifest | undefined, name: string, archivesOf: ArchivesOf): boolean {
  const paths = manifest?.members.filter((member) => member.type !== 'directory').map((member) => member.path) ?? [];
  return archivesOf(paths).includes(name);
}
