import type { Member } from '../../model/manifest.ts';
import { manifestPath, readManifest } from '../staging/staged-manifest.ts';
import { isSameMember } from '../staging/staged-member.ts';

/** The digests that the staging of a day recorded, of those of its files (by `PEER/NAME`) that are still as they were staged. */
export async function stagedDigests(
  stateDir: string,
  day: string,
  contents: ReadonlyMap<string, Member>,
): Promise<ReadonlyMap<string, string>> {
  const staged = new Map<string, ReadonlyMap<string, Member>>();
  const digests = new Map<string, string>();
  for (const [path, member] of contents) {
    const [peer, name] = [path.slice(0, path.indexOf('/')), path.slice(path.indexOf('/') + 1)];
    if (peer === '') continue;
    if (!staged.has(peer)) {
      staged.set(peer, (await readManifest(manifestPath(stateDir, day, peer)))?.members ?? new Map());
    }
    const then = staged.get(peer)!.get(name);
    if (then?.sha256 !== undefined && isSameMember(then, member)) digests.set(path, then.sha256);
  }
  return digests;
}
