import { createHash } from 'node:crypto';
import { type BigIntStats, readlinkSync } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { fileError, StowageError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes, nameToBytes } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import type { PackItem } from '../../pack/pack-item.ts';
import { directoryOfArchive } from '../../rules/archive-directory.ts';
import { beyondLimits, type PackMember } from '../../store/pack-limits.ts';
import type { Store, Written } from '../../store/store.ts';

/** What a store is asked to pack: the directory on disk that names are relative to, and the members. */
export interface StoreParcel {
  /** Relative to the section. */
  readonly base: string;
  /** On disk. */
  readonly directory: string;
  readonly members: readonly PackMember[];
  /** The members relative to the section, and where they lie. */
  readonly items: readonly { readonly member: PackItem['member']; readonly path: string }[];
}

/** The parcel for a store that packs, or why it cannot. Pure. Directories are left out: whether htar would take what lies in them with them is not known for sure. */
export function storeParcel(
  name: string,
  items: readonly PackItem[],
  store: Store,
  roots: readonly string[],
  isRestless: boolean,
): StoreParcel | string {
  if (store.pack === undefined) return 'the store does not';
  if (isRestless) return 'a file did not hold still';
  const [root, ...others] = roots;
  if (root === undefined || others.length > 0) return 'the section lies on several disks';
  const chosen: { member: PackItem['member']; path: string }[] = [];
  for (const { member, content } of items) {
    if (member.type === 'directory') continue;
    if (content.kind === 'stored') return `'${displayName(member.path)}' comes over from the archive that is replaced`;
    const path = joinPath(root, member.path);
    if (content.kind === 'disk' && content.path !== path) return 'its members lie on several disks';
    chosen.push({ member, path });
  }
  const { base } = directoryOfArchive(
    name,
    chosen.map(({ member }) => member.path),
  );
  const members = chosen.map(({ member: { path, type, bytes, target, hardLink } }) => ({
    path: base === '' ? path : path.slice(base.length + 1),
    type,
    bytes,
    ...(target === undefined ? {} : { target }),
    ...(hardLink === undefined ? {} : { hardLink }),
  }));
  const beyond = beyondLimits(members, store.pack.limits, nameToBytes);
  return beyond === undefined ? { base, directory: joinPath(root, base), members, items: chosen } : beyond;
}

/**
 * Has the store pack a parcel. Each file is hashed before, and looked at before and after: throws `changed` for one that did not hold still, and `unavailable` with
 * `facts.path` for one that cannot be read.
 */
export async function packByStore(
  key: Written['key'],
  parcel: StoreParcel,
  store: Store,
  onMember: (member: Member) => void,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number, items: number) => void },
): Promise<Written> {
  const members: Member[] = [];
  const before = new Map<string, BigIntStats>();
  let done = 0;
  for (const { member, path } of parcel.items) {
    options.signal?.throwIfAborted();
    const stats = await lookAt(path, member.path);
    before.set(path, stats);
    const sha256 = member.type === 'file' ? await digestOf(path, member) : undefined;
    if (member.type === 'link' && nameFromBytes(readlinkSync(fsPath(path), 'buffer')) !== member.target)
      throw moved(member.path);
    refuseMoved(stats, member);
    members.push(sha256 === undefined ? member : { ...member, sha256 });
    done += member.bytes;
    options.onProgress?.(done, members.length);
  }
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const written = await store.pack!.write(key, parcel.directory, parcel.members, signal);
  try {
    for (const { member, path } of parcel.items) {
      const [then, now] = [before.get(path)!, await lookAt(path, member.path)];
      if (
        then.mtimeNs !== now.mtimeNs ||
        then.ctimeNs !== now.ctimeNs ||
        then.size !== now.size ||
        then.ino !== now.ino
      )
        throw moved(member.path);
    }
  } catch (error) {
    await store.discard(written);
    throw error;
  }
  for (const member of members) onMember(member);
  return written;
}

async function lookAt(path: string, member: string): Promise<BigIntStats> {
  try {
    return await lstat(fsPath(path), { bigint: true });
  } catch (error) {
    throw unreadable(path, member, error);
  }
}

function refuseMoved(stats: BigIntStats, member: PackItem['member']): void {
  const isOther = member.type === 'file' ? !stats.isFile() : !stats.isSymbolicLink();
  if (isOther || stats.mtimeNs !== member.mtimeNs || (member.type === 'file' && stats.size !== BigInt(member.bytes)))
    throw moved(member.path);
}

async function digestOf(path: string, member: PackItem['member']): Promise<string> {
  const digest = createHash('sha256');
  let bytes = 0;
  try {
    const file = await open(fsPath(path), 'r');
    try {
      for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
        digest.update(chunk);
        bytes += (chunk as Buffer).length;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, member.path, error);
  }
  if (bytes !== member.bytes) throw moved(member.path);
  return digest.digest('hex');
}

function unreadable(path: string, member: string, error: unknown): StowageError {
  if (systemCode(error) === undefined) throw error;
  const { code, message, facts } = fileError(`cannot read '${displayName(path)}'`, error);
  return new StowageError(code, message, { facts: { ...facts, path: member }, cause: error });
}

function moved(path: string): StowageError {
  return new StowageError('changed', `'${displayName(path)}' changed while it was archived`, { facts: { path } });
}
