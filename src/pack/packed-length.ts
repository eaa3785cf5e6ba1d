import { headerRoom, writeMemberHeader } from './member-header.ts';
import type { PackItem } from './pack-item.ts';
import { padded } from './tar-header.ts';

let scratch = Buffer.alloc(0);

/** How many bytes an item takes in an archive, exactly, if its file is what it says. */
export function packedLength({ member, content }: PackItem): number {
  const room = headerRoom(member);
  if (scratch.length < room) scratch = Buffer.alloc(room);
  return writeMemberHeader(scratch, 0, member) + (content.kind === 'none' ? 0 : padded(member.bytes));
}
