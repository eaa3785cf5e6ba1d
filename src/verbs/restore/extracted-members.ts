import { type BigIntStats, createReadStream } from 'node:fs';
import { makeFolder } from '../../durable/folder.ts';
import { scratchFolder } from '../../durable/scratch-folder.ts';
import { isStowageError, plainReason, StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import type { Manifest, Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { StoreKey } from '../../model/store-key.ts';
import { isUnplaced } from '../../pack/locate-members.ts';
import type { ReadMember } from '../../pack/read-members.ts';
import { factsOf } from '../../scan/entry-of.ts';
import type { CallOptions } from '../../store/store.ts';
import type { Project } from '../project.ts';

/** What the folders begin with into which a store puts what it takes out. */
const extractFolder = '.stowage-extract-';

/** So much is taken out at once, or one file: it lies on the disk a second time for a while. */
const batch = { bytes: 1024 ** 3, files: 4096 };

/** Members whose contents are wanted, and under which path the archive has each: its own, or that of the file that it is a further name of. */
interface Wanted {
  readonly readable: readonly Member[];
  readonly contentPath: (member: Member) => string;
}

/** True if the store had better take these members out itself: nobody knows where they lie, or they are few of many bytes. */
export async function isBetterExtracted(
  { store }: Project,
  key: StoreKey,
  manifest: Manifest,
  { readable, contentPath }: Wanted,
): Promise<boolean> {
  if (manifest.format !== 'tar' || store.extract === undefined || readable.length === 0) return false;
  const bytes = readable.reduce((sum, one) => sum + one.bytes, 0);
  if (!isUnplaced(manifest) && bytes > manifest.bytes / 4) return false;
  const { carries, takes } = store.extract;
  const names = readable.map((one) => nameInside(manifest, contentPath(one)));
  return names.every((name) => name !== undefined && carries(name)) && (await takes(key));
}

/** An archive, and the local folder in which what comes out of it lies for a while. */
interface ExtractedFrom extends CallOptions {
  readonly key: StoreKey;
  readonly manifest: Manifest;
  readonly aside: string;
}

/**
 * The contents of members as the store takes them out of an archive itself, some at a time. Of what was adopted, the time and
 * the owner are those of what came. One that did not come rejects with `corrupt` when it is read.
 */
export async function* extractedMembers(
  { store, files }: Project,
  { key, manifest, aside, ...call }: ExtractedFrom,
  { readable: wanted, contentPath }: Wanted,
): AsyncGenerator<ReadMember & { readonly facts?: Partial<Member> }> {
  for (let at = 0; at < wanted.length; ) {
    const some: Member[] = [];
    for (let bytes = 0; at < wanted.length && some.length < batch.files; at += 1) {
      bytes += wanted[at]!.bytes;
      if (some.length > 0 && bytes > batch.bytes) break;
      some.push(wanted[at]!);
    }
    await makeFolder(files, aside);
    const folder = await scratchFolder(files, aside, extractFolder);
    try {
      const names = new Set(some.map((one) => nameInside(manifest, contentPath(one))!));
      const problem = await problemOf(() => store.extract!.files(key, [...names], folder.path, call));
      const came = new Map<Member, { readonly local: string; readonly stats: BigIntStats }>();
      for (const member of some) {
        const local = joinPath(folder.path, nameInside(manifest, contentPath(member))!);
        const stats = await files.lstat(local).catch(() => undefined);
        // Cut short by a failure, it is not come: that says nothing of the archive.
        const isCut = problem !== undefined && stats?.size !== BigInt(member.bytes);
        if (stats?.isFile() && !isCut) came.set(member, { local, stats });
      }
      // What came is proven by its digest, if there is one; without, only success says that it is whole.
      if (problem !== undefined && (manifest.adopted || came.size === 0)) throw problem.error;
      for (const member of some) {
        const there = came.get(member);
        const facts = there !== undefined && manifest.adopted ? { facts: factsThere(there.stats) } : {};
        yield { member, content: contentOf(member, there?.local, problem?.error), ...facts };
      }
    } finally {
      await folder.remove();
    }
  }
}

/** The name in the archive; undefined for what lies above its base. */
function nameInside({ base }: Manifest, path: string): string | undefined {
  if (base === '') return path;
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
}

function factsThere(stats: BigIntStats): Partial<Member> {
  const { mtimeNs, mode, uid, gid } = factsOf('file', stats);
  return { mtimeNs, mode, uid, gid };
}

async function* contentOf(member: Member, local: string | undefined, cause: unknown): AsyncGenerator<Uint8Array> {
  if (local !== undefined) yield* createReadStream(fsPath(local));
  else {
    const what = `the store did not take '${displayName(member.path)}' out of its archive`;
    throw new StowageError('corrupt', cause === undefined ? what : `${what}: ${plainReason(cause)}`, { cause });
  }
}

async function problemOf(deed: () => Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await deed();
    return undefined;
  } catch (error) {
    if (isStowageError(error, 'interrupted') || !isStowageError(error)) throw error;
    return { error };
  }
}
