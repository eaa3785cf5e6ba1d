import { type ArchiveRecord, isSameObject } from '../../catalog/archive-record.ts';
import { type Catalog, openCatalog } from '../../catalog/catalog.ts';
import { fileError, isStowageError, plainReason, StowageError, systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { ForeignItem, Member } from '../../model/manifest.ts';
import { isWithin } from '../../model/relative-path.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { isUnplaced, lacksPlace, locateMembers } from '../../pack/locate-members.ts';
import { readMembers } from '../../pack/read-members.ts';
import type { Event, Restored } from '../events.ts';
import { identityOf, type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import type { Landing } from './landing.ts';
import { originalPlaces } from './original-places.ts';
import { otherPlace } from './other-place.ts';
import {
  attributesOf,
  clearPartial,
  type PutOptions,
  putFile,
  putHardLink,
  putLink,
  whatIsThere,
} from './put-member.ts';
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
  const places = originalPlaces(project, section);
  const chosen = await selection(catalog, wantedPaths(options.paths, places.roots), options.archive);
  for (const path of chosen.unknown) yield { kind: 'unknown-path', section, path };
  const lands = options.to === undefined ? places.landing(project.files) : await otherPlace(project.files, options.to);
  const work: Work = {
    project,
    catalog,
    section,
    lands,
    put: {
      overwrite: options.overwrite ?? false,
      owners: process.getuid?.() === 0,
      onBytes: progressOver(chosen, options).bytes,
    },
  };
  let order: readonly StoreKey[] = [...chosen.archives.keys()];
  if (project.store.planRecall !== undefined && order.length > 0) {
    const sizes = new Map([...chosen.archives].map(([key, { record }]) => [key, record.head.bytes]));
    const recall = await project.store.planRecall(sizes, signalOf(options));
    yield { kind: 'recall', section, archives: order.length, mounts: recall.mounts, bytes: recall.bytes };
    order = recall.order;
  }
  for (const key of order) {
    const { record, members } = chosen.archives.get(key)!;
    if (options.stop?.aborted) throw stopped();
    yield* restoreFrom(work, key, record, members, options);
  }
  yield* restoreDirectories(work, chosen, options);
}

interface Work {
  readonly project: Project;
  readonly catalog: Catalog;
  readonly section: string;
  readonly lands: (path: string) => Landing;
  readonly put: PutOptions;
}

async function* restoreFrom(
  work: Work,
  key: StoreKey,
  record: ArchiveRecord,
  members: readonly Member[],
  options: RestoreOptions,
): AsyncGenerator<Event> {
  const told = (member: Member, outcome: Restored['outcome'], target: string, problem?: string): Event => ({
    kind: 'restored',
    restored: {
      section: work.section,
      path: member.path,
      archive: key,
      target,
      outcome,
      type: member.type,
      bytes: member.bytes,
      ...(problem === undefined ? {} : { problem }),
      ...(member.torn === undefined ? {} : { torn: true }),
    },
  });
  for (const { path, what } of foreignOf(record, options)) {
    yield {
      kind: 'finding',
      section: work.section,
      severity: 'problem',
      finding: { kind: 'foreign', archive: key, path, what },
    };
  }
  const unproven = members.some((member) => member.type === 'file' && member.sha256 === undefined);
  if (unproven && (record.damage !== undefined || !(await isAsAdopted(work.project, key, record, options)))) {
    for (const member of members) yield told(member, 'failed', member.path, swapped);
    return;
  }
  const targets = new Map<string, string>();
  const todo: Member[] = [];
  for (const member of members) {
    options.signal?.throwIfAborted();
    try {
      const target = await work.lands(member.path).place(member.path);
      const there = await whatIsThere(work.project.files, target, member);
      if (there === 'same') {
        await clearPartial(work.project.files, target);
        targets.set(member.path, target);
        yield told(member, 'there', target);
      } else if (there === 'other' && !work.put.overwrite) {
        yield told(member, 'differs', target, 'something else is there');
      } else {
        todo.push(member);
      }
    } catch (error) {
      yield told(member, 'failed', member.path, reasonOf(error));
    }
  }
  const source = {
    get: (range: { start: number; end: number }) => work.project.store.get(key, { ...signalOf(options), range }),
  };
  const recorded = await work.catalog.manifestOf(record);
  let wanted: readonly Member[] = todo;
  let all = recorded.members;
  if (isUnplaced(recorded) && todo.some((member) => member.type === 'file')) {
    ({ members: all } = await locateMembers(recorded, source));
    const paths = new Set(todo.map((member) => member.path));
    wanted = all.filter((member) => paths.has(member.path));
    for (const member of wanted.filter(lacksPlace))
      yield told(member, 'failed', member.path, 'it is not in the archive');
    wanted = wanted.filter((member) => !lacksPlace(member));
  }
  const { readable, hardLinks } = ownersFirst(wanted, all, targets);
  const open = new Set(readable);
  try {
    for await (const { member, content } of readMembers(source, readable)) {
      open.delete(member);
      if (options.stop?.aborted) throw stopped();
      const target = await work.lands(member.path).place(member.path);
      try {
        await putFile(work.project.files, target, member, content, work.put);
        targets.set(member.path, target);
        yield told(member, 'restored', target, member.sha256 === undefined ? noDigest : undefined);
      } catch (error) {
        if (!isStowageError(error, 'corrupt', 'exists', 'refused') && systemCode(error) === undefined) throw error;
        if (systemCode(error) === 'ENOSPC' || isStowageError(error, 'full'))
          throw fileError(`cannot write '${displayName(target)}'`, error);
        yield told(member, 'failed', target, reasonOf(error));
      }
    }
  } catch (error) {
    if (!isStowageError(error, 'corrupt', 'missing', 'asleep')) throw error;
    for (const member of open) yield told(member, 'failed', member.path, reasonOf(error));
  }
  for (const member of [...wanted.filter((one) => one.type === 'link'), ...hardLinks]) {
    const target = await work.lands(member.path).place(member.path);
    const owner = member.hardLink === undefined ? undefined : targets.get(member.hardLink);
    try {
      if (member.type === 'link') await putLink(work.project.files, target, member, work.put);
      else if (owner === undefined)
        throw new StowageError('missing', 'the file that it is a further name of was not restored');
      else await putHardLink(work.project.files, target, owner, work.put);
      yield told(member, 'restored', target);
    } catch (error) {
      yield told(member, 'failed', target, reasonOf(error));
    }
  }
}

const noDigest = 'its archive was adopted and never read, so there is no digest to prove it by';

const swapped = 'its archive was changed or damaged since it was adopted, and no digest says what was in it';

/** Without digests only the object itself says that the places of its members are still right. */
async function isAsAdopted(project: Project, key: StoreKey, record: ArchiveRecord, options: RestoreOptions) {
  const object = await project.store.stat(key, signalOf(options));
  // One that is gone is told when it is read.
  return object === undefined || isSameObject(record, object);
}

/** What the archive holds of the wanted paths and nobody can restore. */
function foreignOf(record: ArchiveRecord, options: RestoreOptions): readonly ForeignItem[] {
  const isAll = options.paths.some((path) => /^[./]*$/.test(path));
  return (record.head.foreign ?? []).filter(
    (one) => isAll || options.paths.some((path) => isWithin(one.path, path.replace(/\/+$/, ''))),
  );
}

/** A hard link whose content carrier is not restored with it carries the content itself; further names link to it. */
function ownersFirst(todo: readonly Member[], all: readonly Member[], targets: ReadonlyMap<string, string>) {
  const owners = new Set([
    ...todo.filter((one) => one.hardLink === undefined).map((one) => one.path),
    ...targets.keys(),
  ]);
  const standIn = new Map<string, string>();
  const readable: Member[] = todo.filter((one) => one.type === 'file' && one.hardLink === undefined);
  const hardLinks: Member[] = [];
  for (const member of todo) {
    if (member.hardLink === undefined) continue;
    const owner = owners.has(member.hardLink) ? member.hardLink : standIn.get(member.hardLink);
    if (owner !== undefined) {
      hardLinks.push({ ...member, hardLink: owner });
      continue;
    }
    const { hardLink, ...file } = member;
    const offset = all.find((one) => one.path === hardLink)?.offset;
    standIn.set(hardLink, member.path);
    readable.push(offset === undefined ? file : { ...file, offset });
  }
  readable.sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  return { readable, hardLinks };
}

/** Directories last, the deepest first: their times change when something is put into them. */
async function* restoreDirectories(work: Work, chosen: Selection, options: RestoreOptions): AsyncGenerator<Event> {
  for (const member of [...chosen.directories.values()].sort((a, b) => (a.path < b.path ? 1 : -1))) {
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

function reasonOf(error: unknown): string {
  return isStowageError(error) ? error.message : plainReason(error);
}

function stopped(): StowageError {
  return new StowageError('interrupted', 'stopped before all was restored', {
    hint: 'run the same command again: what is there is left alone',
  });
}

function progressOver(chosen: Selection, options: RestoreOptions) {
  const members = [...chosen.archives.values()].flatMap((one) => one.members);
  const totalBytes = members.reduce((sum, member) => sum + member.bytes, 0);
  let bytes = 0;
  return {
    bytes(more: number) {
      bytes += more;
      options.progress?.({ stage: 'restore', items: 0, bytes, totalBytes });
    },
  };
}
