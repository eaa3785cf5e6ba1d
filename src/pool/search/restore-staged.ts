import { createReadStream } from 'node:fs';
import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { isWithin, joinPath, unsafePath } from '../../model/relative-path.ts';
import type { IncomingEntry } from '../peers/peer.ts';
import type { PoolEvent } from '../pool-event.ts';
import type { PoolRun } from '../pool-run.ts';
import { letIn } from '../staging/let-in.ts';
import { type WorkFolder, workFolder } from '../staging/work-folder.ts';
import { archiveItems, isArchive } from './archive-items.ts';
import { type StagedFolder, stagedFolders, type Where } from './staged-days.ts';

export interface RestoreOptions extends Where {
  /** Where the files go: an absolute path. They keep their paths below it, and belong to who restores. */
  readonly to: string;
}

/**
 * Brings files back, each from the newest day that holds it, checked against the digest that was recorded: staged ones by their path, and those inside
 * of archives by the path that they had on their machine. A directory brings all below it. Nothing is overwritten; if two peers hold a name, `peer` says which.
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
  const mayHave = async (path: string, peer: string, type: Member['type']): Promise<boolean> => {
    if (!mayTake(path, peer, taken)) return false;
    const there = await files.lstat(joinPath(options.to, path));
    if (there === undefined || (there.isDirectory() && type === 'directory')) return true;
    inTheWay.add(path);
    return false;
  };
  for await (const folder of stagedFolders(run, options)) {
    const { day, peer } = folder;
    try {
      const found = takeFrom(folder, names, work, (path, type) => mayHave(path, peer, type));
      for await (const { name, member } of found) {
        missing.delete(name);
        if (member === undefined) continue;
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
      if (!isStowageError(error, 'corrupt', 'unavailable', 'refused')) throw error;
      const text = `${day} of '${displayName(peer)}' cannot be used: ${plainReason(error)}`;
      yield { ...about, level: 'error', deed: 'failed', day, peer, text };
    }
  }
  await work.settle();
  const members = new Map([...taken].map(([path, { member }]) => [path, member]));
  await letIn(files, workPath, options.to, { members, fresh: new Set(members.keys()), provenByPeer: false }, undefined);
  yield* news;
  for (const path of inTheWay) {
    const text = `'${displayName(joinPath(options.to, path))}' is there already, and is left as it is`;
    yield { ...about, level: 'error', deed: 'failed', path, text };
  }
  for (const name of missing) {
    const text = `'${displayName(name)}' is in no day that is staged here`;
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

async function* takeFrom(
  { path: folder, entries }: StagedFolder,
  names: readonly string[],
  work: WorkFolder,
  mayHave: (path: string, type: Member['type']) => Promise<boolean>,
): AsyncGenerator<{ readonly name: string; readonly member: Member | undefined }> {
  const wanted = names.map((name) => ({ name, path: name.replace(/^\/+|\/+$/g, '') }));
  for (const entry of entries.values()) {
    const of = wanted.find((one) => !one.name.startsWith('/') && isWithin(entry.path, one.path));
    if (of === undefined || entry.type !== 'file') continue;
    yield { name: of.name, member: undefined };
    if (!(await mayHave(entry.path, 'file'))) continue;
    const { bytes = 0, mtimeNs = 0n, mode = 0o600, path } = entry;
    const member = await work.take({
      path,
      type: 'file',
      bytes,
      mtimeNs,
      mode,
      whole: () => undefined,
      content: contentOf(`${folder}/${path}`),
    });
    if (entry.sha256 !== undefined && entry.sha256 !== member.sha256) {
      throw new StowageError('corrupt', `'${displayName(path)}' is not what was staged`, { facts: { path } });
    }
    yield { name: of.name, member };
  }
  for (const archive of entries.values()) {
    if (archive.type !== 'file' || !isArchive(archive.path)) continue;
    const came: { readonly name: string; readonly member: Member | undefined }[] = [];
    for await (const { item, content, whole } of archiveItems(`${folder}/${archive.path}`, archive.sha256)) {
      if (item.kind !== 'member' || unsafePath(item.member.path) !== undefined) continue;
      const { member } = item;
      const of = wanted.find((one) => one.path !== '' && isWithin(member.path, one.path));
      if (of === undefined) continue;
      if (!(await mayHave(member.path, member.type))) {
        came.push({ name: of.name, member: undefined });
        continue;
      }
      const entry: IncomingEntry = { ...member, content, whole };
      came.push({ name: of.name, member: await work.take(entry) });
    }
    // Only now is the archive known to be what was staged.
    yield* came;
  }
}

async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(fsPath(path), { highWaterMark: 1024 * 1024 })) yield chunk as Buffer;
}
