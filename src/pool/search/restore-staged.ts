import type { Readable } from 'node:stream';
import { hintInBrackets, isStowageError, plainReason, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { isWithin, joinPath, unsafePath } from '../../model/relative-path.ts';
import type { IncomingEntry } from '../peers/peer.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { isEarlierName, withoutEarlier } from '../staging/keep-earlier.ts';
import { letIn } from '../staging/let-in.ts';
import { type WorkFolder, workFolder } from '../staging/work-folder.ts';
import { archiveItems } from './archive-items.ts';
import { type DayEntry, entryName } from './day-entry.ts';
import { archiveContent, closedText, stagedArchives } from './staged-archives.ts';
import { type StagedFolder, stagedFolders, type Where } from './staged-days.ts';

export interface RestoreOptions extends Where {
  /** Where the files go: an absolute path. They keep their paths below it, and belong to who restores. */
  readonly to: string;
}

/**
 * Brings files back, each from the newest day that holds it, checked against the digest that was recorded: staged ones by their path, and those inside
 * of archives by the path that they had on their machine. A directory brings all below it. Nothing is overwritten; if two peers hold a name, `peer` says which. That the day has an older one of the name too is told, with the name that brings it.
 */
export async function* restoreStaged(
  run: PoolRun,
  names: readonly string[],
  options: RestoreOptions,
): AsyncGenerator<PoolEvent> {
  if (names.length === 0) throw new StowageError('usage', 'nothing is named to be restored');
  const { files } = run;
  const about = { kind: 'pool', action: 'restore' } as const;
  const workPath = `${options.to}/.stowage-restore`;
  const missing = new Set(names);
  const taken = new Map<string, { readonly member: Member; readonly peer: string }>();
  const work = await workFolder(files, workPath, {});
  const news: PoolEvent[] = [];
  const inTheWay = new Set<string>();
  const older = new Map<string, { readonly day: string; readonly peer: string; readonly entry: DayEntry }>();
  const mayHave = async (path: string, peer: string, type: Member['type']): Promise<boolean> => {
    if (!mayTake(path, peer, taken)) return false;
    const there = await files.lstat(joinPath(options.to, path));
    if (there === undefined || (there.isDirectory() && type === 'directory')) return true;
    inTheWay.add(path);
    return false;
  };
  const settled = new Map<string, string>();
  let isClosed = false;
  for await (const folder of stagedFolders(run, options)) {
    const { day, peer } = folder;
    // To read discs takes long: no further than to the newest day that has a file which is named itself.
    const dueOnDiscs = names.filter((name) => (settled.get(name) ?? day) === day);
    try {
      const found = takeFrom(folder, names, dueOnDiscs, work, (path, type) => mayHave(path, peer, type));
      for await (const { name, member, absent, before } of found) {
        for (const entry of before ?? []) older.set(`${day}/${peer}/${entry.path}`, { day, peer, entry });
        if (absent !== undefined) {
          const text = `${absent.message}${hintInBrackets(absent)}`;
          yield { ...about, level: 'error', deed: 'failed', day, peer, text };
          if (name === '') isClosed = true;
          // That it is not at hand was told, and fails.
          missing.delete(name);
          continue;
        }
        missing.delete(name);
        if (member === undefined) continue;
        if (member.type !== 'directory' && member.path === plainPath(name)) settled.set(name, day);
        taken.set(member.path, { member, peer });
        if (member.type === 'directory') continue;
        const text = `${displayName(member.path)} is as of ${day} on '${displayName(peer)}'`;
        news.push({
          ...about,
          level: 'info',
          deed: 'restored',
          day,
          peer,
          path: member.path,
          bytes: member.bytes,
          text,
        });
      }
    } catch (error) {
      if (!isStowageError(error, 'corrupt', 'unavailable', 'refused', 'missing')) throw error;
      const text = `${day} of '${displayName(peer)}' cannot be used: ${plainReason(error)}`;
      yield { ...about, level: 'error', deed: 'failed', day, peer, text };
    }
  }
  await work.settle();
  const members = new Map([...taken].map(([path, { member }]) => [path, member]));
  await letIn(files, workPath, options.to, { members, fresh: new Set(members.keys()), provenByPeer: false }, undefined);
  yield* news;
  for (const { day, peer, entry } of older.values()) {
    const { path } = entry;
    if (taken.has(path)) continue;
    const text = `an older '${displayName(withoutEarlier(path))}' of ${day} on '${displayName(peer)}' is there too: ${entryName(entry)}; that name restores it`;
    yield { ...about, level: 'info', deed: 'told', day, peer, path, text };
  }
  for (const path of inTheWay) {
    const text = `'${displayName(joinPath(options.to, path))}' is there already, and is left as it is`;
    yield { ...about, level: 'error', deed: 'failed', path, text };
  }
  for (const name of missing) {
    const where =
      isClosed && name.startsWith('/')
        ? 'in nothing that can be looked into'
        : 'in no day that is staged or stored here';
    const text = `'${displayName(name)}' is ${where}`;
    yield { ...about, level: 'error', deed: 'failed', path: name, text };
  }
}

/** True for a path that is not there yet. Throws `refused` if another peer gave it: nobody says which is meant. */
function mayTake(
  path: string,
  peer: string,
  taken: ReadonlyMap<string, { readonly peer: string; readonly member: Member }>,
) {
  const before = taken.get(path);
  if (before !== undefined && before.peer !== peer && before.member.type !== 'directory') {
    throw new StowageError('refused', `'${displayName(path)}' is of peer '${displayName(before.peer)}' too`, {
      hint: `say which: --peer ${peer}`,
    });
  }
  return before === undefined;
}

/** What came of one name: a member that was taken, or nothing, because a newer one is; or a file that may have it and cannot be looked into. */
interface Found {
  readonly name: string;
  readonly member: Member | undefined;
  readonly absent?: StowageError;
  /** What the day has of that name from before. */
  readonly before?: readonly DayEntry[];
}

async function* takeFrom(
  folder: StagedFolder,
  names: readonly string[],
  dueOnDiscs: readonly string[],
  work: WorkFolder,
  mayHave: (path: string, type: Member['type']) => Promise<boolean>,
): AsyncGenerator<Found> {
  const { entries, content } = folder;
  const wantedOf = (entry: DayEntry) =>
    (entry.stored === undefined ? names : dueOnDiscs).map((name) => ({ name, path: plainPath(name) }));
  const earlier = earlierNames(entries);
  const brought = new Set<string>();
  for (const entry of entries.values()) {
    const of = wantedOf(entry).find((one) => !one.name.startsWith('/') && isWithin(entry.path, one.path));
    if (of === undefined || entry.type !== 'file') continue;
    const { bytes = 0, mtimeNs = 0n, mode = 0o600, path } = entry;
    if (!(await mayHave(path, 'file'))) {
      yield { name: of.name, member: undefined };
      continue;
    }
    const file = await openOrAbsent(entry, content(entry.path));
    if (isStowageError(file)) {
      yield { name: of.name, member: undefined, absent: file };
      continue;
    }
    const member = await work.take({
      ...{ path, type: 'file', bytes, mtimeNs, mode, whole: () => undefined },
      content: chunksOf(file),
    });
    if (entry.sha256 !== undefined && entry.sha256 !== member.sha256) {
      throw new StowageError('corrupt', `'${displayName(path)}' is not what was staged`, { facts: { path } });
    }
    yield { name: of.name, member, ...earlier(path) };
  }
  for (const staged of stagedArchives(folder)) {
    const { entry: archive } = staged;
    const wanted = wantedOf(archive)
      .filter(({ name }) => archive.stored === undefined || name.startsWith('/'))
      // An older archive of the name has nothing newer; to bring it may take long.
      .filter(({ name }) => archive.earlierOf === undefined || !brought.has(name));
    if (wanted.length === 0) continue;
    if (staged.isEncrypted) {
      // The file may be in there, in a newer version.
      if (wanted.some(({ name }) => name.startsWith('/'))) {
        yield { name: '', member: undefined, absent: new StowageError('refused', closedText(folder, staged)) };
      }
      continue;
    }
    const file = await openOrAbsent(archive, archiveContent(folder, staged));
    if (isStowageError(file)) {
      yield { name: '', member: undefined, absent: file };
      continue;
    }
    const came: Found[] = [];
    for await (const { item, content: inside, whole } of archiveItems(archive.path, archive.sha256, file)) {
      if (item.kind !== 'member' || unsafePath(item.member.path) !== undefined) continue;
      const { member } = item;
      const of = wanted.find((one) => one.path !== '' && isWithin(member.path, one.path));
      if (of === undefined) continue;
      if (!(await mayHave(member.path, member.type))) {
        came.push({ name: of.name, member: undefined });
        continue;
      }
      const entry: IncomingEntry = { ...member, content: inside, whole };
      const taken = await work.take(entry);
      came.push({ name: of.name, member: taken, ...earlier(archive.path) });
      if (taken.type !== 'directory' && taken.path === of.path) brought.add(of.name);
    }
    // Only now is the archive known to be what was staged.
    yield* came;
  }
}

/** By path, what has it as its name from before. */
function earlierNames(entries: StagedFolder['entries']): (path: string) => Pick<Found, 'before'> {
  const before = new Map<string, DayEntry[]>();
  for (const entry of entries.values()) {
    if (!isEarlierName(entry.path)) continue;
    const of = withoutEarlier(entry.path);
    before.set(of, [...(before.get(of) ?? []), entry]);
  }
  return (path) => {
    const found = before.get(path);
    return found === undefined ? {} : { before: found };
  };
}

/** What a file holds; the error if it is stored on what is not at hand. */
async function openOrAbsent(entry: DayEntry, opening: Promise<Readable>): Promise<Readable | StowageError> {
  return opening.catch((error: unknown) => {
    if (entry.stored !== undefined && isStowageError(error, 'missing')) return error;
    throw error;
  });
}

function plainPath(name: string): string {
  return name.replace(/^\/+|\/+$/g, '');
}

async function* chunksOf(file: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of file) yield chunk as Buffer;
}
