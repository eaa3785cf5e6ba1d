import type { Member } from '../model/manifest.ts';
import type { ArchiveRecord, Recording } from './archive-record.ts';
import type { ManifestReader } from './manifest-reader.ts';

/**
 * Since when each member of an archive has been archived as it is, by its path: members that stood unchanged in the archives that this one
 * replaced. Those that are not in the answer came with the last recording. Reads the manifests of the earlier ones.
 */
export async function unchangedSince(
  reader: ManifestReader,
  { recording }: ArchiveRecord,
): Promise<ReadonlyMap<string, string>> {
  const since = new Map<string, string>();
  if (recording.earlier === undefined) return since;
  const { members } = await reader.manifestOf(recording.head);
  let alive: readonly Member[] = members;
  for (let earlier: Recording | undefined = recording.earlier; earlier !== undefined && alive.length > 0; ) {
    const before = new Map((await reader.manifestOf(earlier.head)).members.map((member) => [member.path, member]));
    const { recordedAt } = earlier;
    const still: Member[] = [];
    for (const member of alive) {
      const old = before.get(member.path);
      if (old === undefined || !isUnchanged(old, member)) continue;
      since.set(member.path, recordedAt);
      still.push(old);
    }
    alive = still;
    earlier = earlier.earlier;
  }
  return since;
}

function isUnchanged(before: Member, member: Member): boolean {
  if (before.type !== member.type || before.bytes !== member.bytes) return false;
  if (before.mtimeNs !== member.mtimeNs || before.target !== member.target) return false;
  return before.sha256 === undefined || before.sha256 === member.sha256;
}
