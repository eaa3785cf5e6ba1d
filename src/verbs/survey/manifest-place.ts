import type { ArchiveHead } from '../../catalog/archive-record.ts';
import { manifestReader } from '../../catalog/manifest-reader.ts';
import type { StateFolder } from '../../catalog/state-folder.ts';
import type { Manifest } from '../../model/manifest.ts';

/** Where the manifest of an archive can be read: a head, and the state folder with the journals that it speaks of. Plain data. */
export interface ManifestPlace {
  readonly state: StateFolder;
  readonly head: ArchiveHead;
}

/** Reads it. */
export function readManifest(section: string, { state, head }: ManifestPlace): Promise<Manifest> {
  return manifestReader(state, section).manifestOf(head);
}
