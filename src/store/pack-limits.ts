import type { Member } from '../model/manifest.ts';

/** What a store that bundles local files itself can put into one archive. Lengths are bytes, names relative to the archive's base. */
export interface PackLimits {
  /** The largest file. */
  readonly memberBytes: number;
  /** A name is at most so long behind its last slash but one that fits, and so long before it. */
  readonly nameBytes: number;
  readonly prefixBytes: number;
  readonly targetBytes: number;
  readonly members: number;
}

/** A member as it is to be packed: its path is relative to the base. */
export type PackMember = Pick<Member, 'path' | 'type' | 'bytes' | 'target' | 'hardLink'>;

/** Why the store cannot pack these members, or undefined if it can. Pure. `bytesOf` gives the length of a name. */
export function beyondLimits(
  members: Iterable<PackMember>,
  limits: PackLimits,
  bytesOf: (name: string) => Buffer,
): string | undefined {
  let count = 0;
  for (const { path, type, bytes, target, hardLink } of members) {
    count += 1;
    if (count > limits.members) return `it has more members than ${limits.members}`;
    if (hardLink !== undefined) return `'${path}' is a further name of a file`;
    if (path.includes('\n')) return 'a name holds the end of a line';
    if (type === 'file' && bytes > limits.memberBytes) return `'${path}' is larger than ${limits.memberBytes} bytes`;
    if (!fits(bytesOf(path), limits)) return `the name '${path}' is too long`;
    if (target !== undefined && bytesOf(target).length > limits.targetBytes)
      return `the target of '${path}' is too long`;
  }
  return undefined;
}

function fits(name: Buffer, { nameBytes, prefixBytes }: PackLimits): boolean {
  if (name.length <= nameBytes) return true;
  // The first slash that leaves a short enough name leaves the shortest prefix.
  const slash = name.indexOf(0x2f, name.length - nameBytes - 1);
  return slash > 0 && slash <= prefixBytes && slash < name.length - 1;
}
