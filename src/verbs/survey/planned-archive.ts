import type { Manifest } from '../../model/manifest.ts';
import type { ArchivePlan } from '../../plan/plan-archive.ts';
import type { ArchiveWork } from '../archive/archive-work.ts';
import { type ManifestPlace, readManifest } from './manifest-place.ts';
import type { Packing } from './packing.ts';

/** What is to be done with one archive, without what grows with its members: that is loaded when it is made. Plain data but for `load`. */
export interface PlannedArchive
  extends Pick<ArchivePlan, 'key' | 'name' | 'format' | 'decision' | 'reasons' | 'bytes' | 'replaces'> {
  /** Members that are read from disk. */
  readonly members: number;
  /** Members that come over from the archive that is replaced. */
  readonly carried: number;
  /** The directory that its members have in common; undefined for a plain object, and where nobody asked. */
  readonly root?: string;
  /** Only for a tar that is to be made, where the store could make it itself. */
  readonly packing?: Packing;
  /** What is needed to make it; only for one that is to be made. Empty directories are not among it. */
  load(): Promise<Omit<ArchiveWork, 'emptyDirectories'>>;
}

/** A plan with all that grows with its members. */
export interface TakenPlan {
  readonly plan: Omit<ArchivePlan, 'entries'>;
  /** The lines of the listing of what is read from disk, sorted by path. */
  readonly lines: readonly string[];
  readonly root: string | undefined;
  /** Where its `held` can be read again. */
  readonly manifest: ManifestPlace | undefined;
  /** Who makes it, where that is a question. */
  readonly packing: Packing | undefined;
}

/** What stays in memory of a plan. */
export function plannedFacts(
  plan: TakenPlan['plan'],
  members: number,
  root: string | undefined,
  packing: Packing | undefined,
): Omit<PlannedArchive, 'load'> {
  const { key, name, format, decision, reasons, bytes, replaces } = plan;
  return {
    key,
    name,
    format,
    decision,
    reasons,
    bytes,
    members,
    carried: plan.carried.length,
    ...(replaces === undefined ? {} : { replaces }),
    ...(root === undefined ? {} : { root }),
    ...(packing === undefined ? {} : { packing }),
  };
}

/** The archive that is replaced, with its members. */
export async function readHeld(
  section: string,
  manifest: ManifestPlace | undefined,
): Promise<{ readonly held?: Manifest }> {
  if (manifest === undefined) return {};
  return { held: await readManifest(section, manifest) };
}
