import type { Manifest, Member } from '../../model/manifest.ts';
import type { Content, PackItem } from '../../pack/pack-item.ts';
import type { Source } from '../../store/store.ts';

/** A member that comes over from the archive that is replaced; a hard link brings the content that it shared. */
export function storedItem(old: Member, held: Manifest, source: Source): PackItem {
  const { sha256, offset: _, torn, hardLink, ...member } = old;
  if (member.type !== 'file') return { member, content: { kind: 'none' } };
  const owner = hardLink === undefined ? old : held.members.find((one) => one.path === hardLink);
  const start = owner?.offset;
  const content: Content = {
    kind: 'stored',
    open: () => source.get(held.key, { range: { start: start ?? 0, end: (start ?? 0) + old.bytes } }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(torn === undefined ? {} : { torn }),
  };
  return { member, content };
}
