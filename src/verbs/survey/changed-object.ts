import { contentMembers, type Manifest, type Member } from '../../model/manifest.ts';
import type { Held } from '../../plan/archive-row.ts';
import type { StoredObject } from '../../store/store.ts';
import type { Adoption } from './adopt.ts';

/** An object that is not the one that was recorded: good if it holds at least as much, else the record says what is lost. */
export function changedSince(recorded: Manifest, adoption: Adoption, object: StoredObject): Held {
  const { manifest } = adoption;
  const { version, bytes } = object;
  if (manifest === undefined) {
    const damage = adoption.unreadable ?? 'it was changed in the store';
    return { version, bytes, manifest: recorded, neverVerified: false, damage };
  }
  if (manifest.format === 'plain') {
    // No index tells whether it is the old file under a new time, or another: only reading does.
    return { version, bytes, manifest: recorded, neverVerified: false, replacedByOthers: true };
  }
  const now = new Set(manifest.members.map((member) => member.path));
  const lacking = contentMembers(recorded).filter((member) => !now.has(member.path));
  const known = withKnownDigests(manifest, recorded);
  if (lacking.length === 0) return { version, bytes, manifest: known, neverVerified: true };
  const damage = `it was changed in the store and lacks ${lacking.length} of its recorded members`;
  return { version, bytes, manifest: known, neverVerified: false, damage, lacking };
}

/** What looks in the index as it was recorded must still have the digest that was recorded: a new time in the store proves nothing. */
function withKnownDigests(found: Manifest, recorded: Manifest): Manifest {
  const old = new Map(recorded.members.map((member) => [member.path, member]));
  let known = 0;
  const members = found.members.map((member) => {
    const before = old.get(member.path);
    if (before === undefined || !looksTheSame(before, member)) return member;
    known += 1;
    return before;
  });
  const whole = found.bytes === recorded.bytes && known === recorded.members.length && known === members.length;
  const sha256 = whole && recorded.sha256 !== undefined ? { sha256: recorded.sha256 } : {};
  return { ...found, ...sha256, members, digestsFrom: known === 0 ? 'none' : recorded.digestsFrom };
}

function looksTheSame(one: Member, other: Member): boolean {
  return (
    one.type === other.type &&
    one.bytes === other.bytes &&
    one.mtimeNs === other.mtimeNs &&
    one.offset === other.offset &&
    one.target === other.target &&
    one.hardLink === other.hardLink
  );
}
