import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { unsafePath } from '../model/relative-path.ts';
import type { PackItem } from './pack-item.ts';

/** Throws `refused` for a path that leaves the root, and `bug` for an item that has no content and should, or the other way. */
export function requireSound({ member, content }: PackItem): void {
  requireSafe(member.path);
  if ((content.kind === 'none') === (member.type === 'file' && member.hardLink === undefined))
    throw noContent(member.path);
}

/** Throws `refused` for a path that leaves the root. */
export function requireSafe(path: string): void {
  const problem = unsafePath(path);
  if (problem !== undefined) throw new StowageError('refused', `'${displayName(path)}' cannot be archived: ${problem}`);
}

/** That an item has no content and should, or the other way. */
export function noContent(path: string): StowageError {
  return new StowageError('bug', `'${displayName(path)}' has no content, or one too many`);
}
