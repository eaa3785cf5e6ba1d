import { type ArchiveRecord, isNeverVerified, isSameObject } from '../../catalog/archive-record.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { contentMembers, type Manifest, type Member } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Held } from '../../plan/archive-row.ts';
import type { Finding } from '../../plan/finding.ts';
import type { StoredObject } from '../../store/store.ts';
import { keyPrefix, ownsKey, type Project, signalOf } from '../project.ts';
import { type Adoption, type ArchivesOf, adopt } from './adopt.ts';
import type { MappedArchive } from './fates.ts';

/** What the store has of a section, each object with what is known of its content. */
export interface HeldObjects {
  readonly held: ReadonlyMap<StoreKey, Held>;
  /** Objects whose content was not recorded and was read from their own index: to be recorded by whoever keeps a journal. */
  readonly adopted: readonly { readonly manifest: Manifest; readonly object: StoredObject }[];
  readonly findings: readonly Finding[];
}

export interface HeldOptions {
  readonly signal?: AbortSignal;
  readonly archives: ReadonlyMap<string, MappedArchive>;
  readonly archivesOf: ArchivesOf;
}

/** Lists the section in the store and explains each object, from the catalog or from itself. Throws if the store cannot be listed. */
export async function heldObjects(project: Project, catalog: Catalog, options: HeldOptions): Promise<HeldObjects> {
  const held = new Map<StoreKey, Held>();
  const adoptions: { manifest: Manifest; object: StoredObject }[] = [];
  const findings: Finding[] = [];
  for (const object of await objectsOf(project, catalog.section, options.signal)) {
    const record = catalog.archives.get(object.key);
    if (record !== undefined && isSameObject(record, object)) {
      held.set(object.key, recordedAs(record, await catalog.manifestOf(record), object));
      continue;
    }
    if (record?.damage?.outcome === 'damaged' && record.damage.seen === object.version) {
      held.set(object.key, recordedAs(record, await catalog.manifestOf(record), object));
      continue;
    }
    const name = object.key.slice(keyPrefix(catalog.section).length);
    const entries = options.archives.get(name)?.entries ?? [];
    const adoption = await adopt(project.store, object, name, {
      ...signalOf(options),
      archivesOf: options.archivesOf,
      entries,
    });
    findings.push(...adoption.findings);
    const explained =
      entries.length > 0 || record !== undefined || holdsMapped(adoption.manifest, name, options.archivesOf);
    if (!explained) {
      findings.push({ kind: 'unexplained', archive: object.key, bytes: object.bytes });
      continue;
    }
    const one =
      record === undefined
        ? adoptedAs(adoption, object)
        : changedSince(await catalog.manifestOf(record), adoption, object);
    held.set(object.key, one);
    if (one.manifest !== undefined && one.damage === undefined && !one.replacedByOthers)
      adoptions.push({ manifest: one.manifest, object });
  }
  return { held, adopted: adoptions, findings };
}

async function objectsOf(
  project: Project,
  section: string,
  signal: AbortSignal | undefined,
): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const object of project.store.list(keyPrefix(section), signal === undefined ? {} : { signal })) {
    if (ownsKey(project, section, object.key)) objects.push(object);
  }
  return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function recordedAs(record: ArchiveRecord, manifest: Manifest, object: StoredObject): Held {
  const damage = record.damage?.outcome === 'damaged' ? record.damage.problems[0] : undefined;
  return {
    version: object.version,
    bytes: object.bytes,
    manifest,
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

/** An object that is not the one that was recorded: good if it holds at least as much, else the record says what is lost. */
function changedSince(recorded: Manifest, adoption: Adoption, object: StoredObject): Held {
  const { manifest } = adoption;
  const { version, bytes } = object;
  if (manifest === undefined) {
    const damage = adoption.unreadable ?? 'it was changed in the store';
    return { version, bytes, manifest: recorded, neverVerified: false, damage };
  }
  if (manifest.format === 'plain') {
    // No index tells whether it is the old file under a new time, or another: only reading does.
    return { version, bytes, manifest: recorded, neverVerified: false, replacedByOthers: true };
  }
  const now = new Set(manifest.members.map((member) => member.path));
  const lacking = contentMembers(recorded).filter((member) => !now.has(member.path));
  const known = withKnownDigests(manifest, recorded);
  if (lacking.length === 0) return { version, bytes, manifest: known, neverVerified: true };
  const damage = `it was changed in the store and lacks ${lacking.length} of its recorded members`;
  return { version, bytes, manifest: known, neverVerified: false, damage, lacking };
}

/** What looks in the index as it was recorded must still have the digest that was recorded: a new time in the store proves nothing. */
function withKnownDigests(found: Manifest, recorded: Manifest): Manifest {
  const old = new Map(recorded.members.map((member) => [member.path, member]));
  let known = 0;
  const members = found.members.map((member) => {
    const before = old.get(member.path);
    if (before === undefined || !looksTheSame(before, member)) return member;
    known += 1;
    return before;
  });
  const whole = found.bytes === recorded.bytes && known === recorded.members.length && known === members.length;
  const sha256 = whole && recorded.sha256 !== undefined ? { sha256: recorded.sha256 } : {};
  return { ...found, ...sha256, members, digestsFrom: known === 0 ? 'none' : recorded.digestsFrom };
}

function looksTheSame(one: Member, other: Member): boolean {
  return (
    one.type === other.type &&
    one.bytes === other.bytes &&
    one.mtimeNs === other.mtimeNs &&
    one.offset === other.offset &&
    one.target === other.target &&
    one.hardLink === other.hardLink
  );
}

function holdsMapped(manifest: Manifest | undefined, name: string, archivesOf: ArchivesOf): boolean {
  const paths = manifest?.members.filter((member) => member.type !== 'directory').map((member) => member.path) ?? [];
  return archivesOf(paths).includes(name);
}
