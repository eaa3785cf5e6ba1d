import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { workParent } from '../../catalog/state-folder.ts';
import { fileError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import type { StoreKey } from '../../model/store-key.ts';
import type { Event } from '../events.ts';
import { identityOf, type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import { sectionMembers } from '../search/find.ts';
import { nothingRecorded } from '../search/nothing-recorded.ts';
import { originalPlaces } from './original-places.ts';
import { otherPlace } from './other-place.ts';
import { attributesOf } from './put-member.ts';
import { stopped } from './restore-archive.ts';
import { restoreCopies } from './restore-copies.ts';
import type { Restored, RestoreTotals } from './restore-event.ts';
import type { RestoreWork } from './restore-work.ts';
import { type Selection, selection } from './selection.ts';
import { wantedPaths } from './wanted-paths.ts';

export interface RestoreOptions extends VerbOptions {
  readonly paths: readonly string[];
  readonly archive?: string;
  /** Where to; absent: where the files were. */
  readonly to?: string;
  readonly overwrite?: boolean;
}

/**
 * Brings members back, each checked against its digest before it appears under its name. Never overwrites unless told, never
 * writes outside its target. What cannot be had is told and the others go on. Running it again goes on: what is there and equal is left.
 */
export async function* restore(project: Project, section: string, options: RestoreOptions): AsyncGenerator<Event> {
  sectionOf(project, section);
  const catalog = await openCatalog(project.state, section, identityOf(project));
  if (catalog.archives.size === 0) throw nothingRecorded(project.state.path, section);
  const places = originalPlaces(project, section);
  const paths = wantedPaths(options.paths, places.roots);
  const chosen = await selected(project, catalog, paths, options);
  for (const path of chosen.unknown) yield { kind: 'unknown-path', section, path };
  const progress = restoreProgress(options);
  const work: RestoreWork = {
    project,
    section,
    isWanted: chosen.isBelow,
    lands: options.to === undefined ? places.landing(project.files) : await otherPlace(project.files, options.to),
    put: { overwrite: options.overwrite ?? false, owners: process.getuid?.() === 0, onBytes: progress.add },
    aside: options.to ?? workParent(project.state),
  };
  if (paths.includes('')) progress.expect([...chosen.archives.values()].map(({ head }) => head.contentBytes));
  const totals: RestoreTotals = { restored: 0, there: 0, differs: 0, failed: 0, bytes: 0 };
  const directories = new Map<string, { readonly key: StoreKey; readonly member: Member }>();
  const isNewest = (key: StoreKey, other?: StoreKey) => other === undefined || chosen.isNewer(key, other);
  for (const key of yield* recalled(project, section, chosen, options)) {
    if (options.stop?.aborted) throw stopped();
    const record = chosen.archives.get(key)!;
    const manifest = await catalog.manifestOf(record);
    const members: Member[] = [];
    for (const member of chosen.chosen(key, manifest)) {
      if (member.type !== 'directory') members.push(member);
      else if (isNewest(key, directories.get(member.path)?.key)) directories.set(member.path, { key, member });
    }
    if (!paths.includes('')) progress.expect(members.map(({ bytes }) => bytes));
    for await (const event of restoreCopies(work, key, record, manifest, members, options)) {
      if (event.kind === 'restored') count(totals, event.restored);
      yield event;
    }
  }
  yield* restoreDirectories(work, directories, options);
  if (chosen.archives.size > 0) yield { kind: 'restored-in-all', section, totals };
}

async function selected(
  project: Project,
  catalog: Catalog,
  paths: readonly string[],
  options: RestoreOptions,
): Promise<Selection> {
  // The disk that is full may be the one that this is to help.
  const members = await sectionMembers(project, catalog.section, { ...options, evenIfFull: true });
  try {
    return await selection(catalog, members, paths, options.archive);
  } finally {
    await members.close();
  }
}

/** The order in which the archives are read: where they sleep, that which takes the fewest mounts, which is told. */
async function* recalled(
  project: Project,
  section: string,
  { archives }: Selection,
  options: RestoreOptions,
): AsyncGenerator<Event, readonly StoreKey[]> {
  if (project.store.planRecall === undefined || archives.size === 0) return [...archives.keys()];
  const sizes = new Map([...archives].map(([key, { head }]) => [key, head.bytes]));
  const { mounts, bytes, order } = await project.store.planRecall(sizes, signalOf(options));
  yield { kind: 'recall', section, archives: order.length, mounts, bytes };
  return order;
}

function count(totals: { -readonly [field in keyof RestoreTotals]: number }, { outcome, bytes }: Restored): void {
  totals[outcome] += 1;
  if (outcome === 'restored') totals.bytes += bytes;
}

/** Directories last, the deepest first: their times change when something is put into them. */
async function* restoreDirectories(
  work: RestoreWork,
  directories: ReadonlyMap<string, { readonly member: Member }>,
  options: RestoreOptions,
): AsyncGenerator<Event> {
  for (const path of [...directories.keys()].sort().reverse()) {
    const { member } = directories.get(path)!;
    try {
      const lands = work.lands(member.path);
      const target = await lands.placeDirectory(member.path);
      const ours = options.to !== undefined || work.put.overwrite || lands.made(member.path);
      if (ours) await work.project.files.setAttributes(target, attributesOf(member, work.put));
    } catch (error) {
      const error_ = fileError(`cannot restore the directory '${displayName(member.path)}'`, error);
      yield { kind: 'failed', what: member.path, error: error_ };
    }
  }
}

function restoreProgress(options: VerbOptions) {
  let bytes = 0;
  let totalBytes = 0;
  return {
    expect(more: readonly number[]) {
      for (const one of more) totalBytes += one;
    },
    add(more: number) {
      bytes += more;
      options.progress?.({ stage: 'restore', items: 0, bytes, totalBytes });
    },
  };
}
