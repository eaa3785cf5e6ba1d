import { isSameObject } from '../catalog/archive-record.ts';
import { openCatalog } from '../catalog/catalog.ts';
import type { Member } from '../model/manifest.ts';
import { identityOf, type Project } from '../verbs/project.ts';

/** What the store holds of a day, by path: each from the archive that was recorded last, where that is still there as it was recorded. */
export async function heldOf(project: Project, day: string): Promise<ReadonlyMap<string, Member>> {
  const catalog = await openCatalog(project.state, day, identityOf(project));
  const held = new Map<string, Member>();
  const records = [...catalog.archives.values()].sort((one, other) => (one.recordedAt < other.recordedAt ? -1 : 1));
  for (const record of records) {
    const object = await project.store.stat(record.head.key);
    if (object === undefined || !isSameObject(record, object) || record.damage !== undefined) continue;
    const { members } = await catalog.manifestOf(record);
    const digests = new Map(members.map(({ path, sha256 }) => [path, sha256]));
    for (const member of members) {
      if (member.type === 'directory') continue;
      const sha256 = member.sha256 ?? (member.hardLink === undefined ? undefined : digests.get(member.hardLink));
      held.set(member.path, sha256 === undefined ? member : { ...member, sha256 });
    }
  }
  return held;
}
