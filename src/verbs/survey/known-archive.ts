import type { Manifest } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { ArchiveRow, Held } from '../../plan/archive-row.ts';
import { partOf } from '../../plan/part-name.ts';
import type { HeldPart } from '../../plan/split-row.ts';
import type { HeldObject } from './held-objects.ts';
import { type ManifestPlace, readManifest } from './manifest-place.ts';

/** An archive of which more is known than what the rules map to it. Plain data. */
export interface KnownArchive {
  readonly key: StoreKey;
  readonly name: string;
  readonly held?: HeldObject;
  /** What the catalog knows and the store no longer has. */
  readonly lost?: { readonly manifest: ManifestPlace; readonly recordedAt: string };
}

/** A part of an archive that was split, with what is in it. */
export type LoadedPart = HeldPart & { readonly manifest: Manifest | undefined };

/** Archives, and parts by the archive that they are parts of. A name that a rule gives is an archive of its own, whatever it looks like. */
export function withParts(
  known: readonly KnownArchive[],
  isRuleName: (name: string) => boolean,
): { readonly wholes: readonly KnownArchive[]; readonly parts: ReadonlyMap<string, readonly KnownArchive[]> } {
  const wholes: KnownArchive[] = [];
  const parts = new Map<string, KnownArchive[]>();
  for (const one of known) {
    const part = partOf(one.name);
    if (part === undefined || isRuleName(one.name)) {
      wholes.push(one);
      continue;
    }
    const others = parts.get(part.name);
    if (others === undefined) parts.set(part.name, [one]);
    else others.push(one);
  }
  return { wholes, parts };
}

/** Where it is told what is in an archive, or was. */
export function placeOf({ held, lost }: KnownArchive): ManifestPlace | undefined {
  return held === undefined ? lost?.manifest : held.manifest;
}

/** What is in an archive, or was; undefined if nobody knows. */
export async function manifestOf(
  one: KnownArchive,
  { section }: { readonly section: string },
): Promise<Manifest | undefined> {
  const place = placeOf(one);
  return place === undefined ? undefined : readManifest(section, place);
}

/** Reads what is in the parts of an archive: all of it, for any of its members may be in any part. */
export async function loadedParts(
  parts: readonly KnownArchive[],
  context: { readonly section: string },
): Promise<readonly LoadedPart[]> {
  const loaded: LoadedPart[] = [];
  for (const one of parts) {
    const manifest = await manifestOf(one, context);
    loaded.push({ key: one.key, number: partOf(one.name)!.number, manifest, ...joined(one, manifest) });
  }
  return loaded;
}

/** What the store and the catalog have of an archive, with its manifest. */
export function joined(
  { held, lost }: KnownArchive,
  manifest: Manifest | undefined,
): Pick<ArchiveRow, 'held' | 'lost'> {
  if (held !== undefined) return { held: heldWith(held, manifest) };
  return lost === undefined || manifest === undefined ? {} : { lost: { manifest, recordedAt: lost.recordedAt } };
}

function heldWith({ manifest: _, ...facts }: HeldObject, manifest: Manifest | undefined): Held {
  return manifest === undefined ? facts : { ...facts, manifest };
}
