import type { Manifest, Member } from '../../model/manifest.ts';
import type { Content, PackItem } from '../../pack/pack-item.ts';
import type { Source } from '../../store/store.ts';
import { provenRange } from './proven-range.ts';

/** A member that comes over from the archive that is replaced; a hard link brings the content that it shared. `copies` names the copies of that archive. */
export function storedItem(
  old: Member,
  held: Manifest,
  source: Source,
  copies: () => Promise<readonly string[]>,
): PackItem {
  const { sha256, offset: _, torn, hardLink, ...member } = old;
  if (member.type !== 'file') return { member, content: { kind: 'none' } };
  const owner = hardLink === undefined ? old : held.members.find((one) => one.path === hardLink);
  const start = owner?.offset ?? 0;
  const range = { start, end: start + old.bytes };
  const content: Content = {
    kind: 'stored',
    open: () =>
      sha256 === undefined ? source.get(held.key, { range }) : provenRange(source, held.key, range, sha256, copies),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(torn === undefined ? {} : { torn }),
  };
  return { member, content };
}
