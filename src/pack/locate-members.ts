import type { Manifest, Member } from '../model/manifest.ts';
import { joinPath } from '../model/relative-path.ts';
import type { RangedArchive } from './read-members.ts';
import { tarIndex } from './tar-index.ts';

/** True if nobody knows where some file begins in this archive: another program made it, and its index does not say. */
export function isUnplaced(manifest: Manifest): boolean {
  return manifest.format === 'tar' && manifest.members.some(lacksPlace);
}

/**
 * The same manifest with the place of each file, from the headers of the archive itself, which are walked from its beginning to its end. What else the headers know better than the
 * index of an adopted archive (times to the second, owners) is taken from there. A member that is not found stays as it is.
 */
export async function locateMembers(manifest: Manifest, source: RangedArchive): Promise<Manifest> {
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await source.get({ start, end })) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  };
  const found = new Map<string, Member>();
  for await (const item of tarIndex(read, manifest.bytes))
    if (item.kind === 'member') found.set(joinPath(manifest.base, item.member.path), item.member);
  const members = manifest.members.map((member): Member => {
    const there = found.get(member.path);
    if (there === undefined || there.type !== member.type || there.hardLink !== undefined) return member;
    const { path, sha256 } = member;
    const facts = manifest.adopted ? { ...there, path, ...(sha256 === undefined ? {} : { sha256 }) } : member;
    const isSame = there.type !== 'file' || there.bytes === member.bytes;
    return isSame && there.offset !== undefined ? { ...facts, offset: there.offset } : facts;
  });
  return { ...manifest, members };
}

/** True for a file of which nobody knows where it begins. */
export function lacksPlace(member: Member): boolean {
  return member.type === 'file' && member.hardLink === undefined && member.offset === undefined;
}
