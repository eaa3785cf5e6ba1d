import type { StoreKey } from './store-key.ts';

/** What an archive can hold. Directories are carried for their modes and times, they are not members of their own. */
export type MemberType = 'file' | 'link' | 'directory';

/** One entry inside an archive, as it was archived. */
export interface Member {
  /** Relative to the section, in memory form. */
  readonly path: string;
  readonly type: MemberType;
  /** Size of the content; 0 for links and directories. */
  readonly bytes: number;
  /** Nanoseconds since 1970 UTC. */
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Where a link points. */
  readonly target?: string;
  /** For a further name of a file: the member of the same archive that carries the content. */
  readonly hardLink?: string;
  /** Hex SHA-256 of the content (of the shared content, for a hard link). Absent for links and directories, and where nobody has read it yet. */
  readonly sha256?: string;
  /** Where the content begins in the archive, in bytes; absent for members without content of their own. */
  readonly offset?: number;
  /** The file changed while it was read, twice: the content was padded or cut to `bytes` and is no state that the file ever had. */
  readonly torn?: true;
}

/** Who computed the digests of a manifest: the writer while it wrote, a later reading of the archive, we from the files on disk before another program packed them, or nobody. */
export type DigestSource = 'writing' | 'reading' | 'source' | 'none';

/** What is to be said of an archive as a whole. */
export interface ManifestHead {
  readonly key: StoreKey;
  /** `tar`: a tar of the members. `plain`: the one member's content as it is. */
  readonly format: 'tar' | 'plain';
  /** Size of the whole object. */
  readonly bytes: number;
  /** Hex SHA-256 of the whole object; absent if others made it and it was never read. */
  readonly sha256?: string;
  /** Hex MD5 of the whole object, where the store that took it keeps that kind. */
  readonly md5?: string;
  /** The directory, relative to the section, that names inside the archive are relative to; '' for archives of ours. */
  readonly base: string;
  /** True if the object was not made by us but found in the store. */
  readonly adopted: boolean;
  readonly digestsFrom: DigestSource;
  /**
   * SHA-256 over what a listing says of the members (shards/signature.ts); absent if it was adopted, or if a member is not as its file was.
   * A listing with the same signature needs no comparison.
   */
  readonly signature?: string;
  /** What an adopted archive holds and no member stands for: it cannot be restored, nor carried over into a replacement. */
  readonly foreign?: readonly ForeignItem[];
}

/** What is inside one archive. Members are sorted by path. */
export interface Manifest extends ManifestHead {
  readonly members: readonly Member[];
}

/** A device, pipe, sparse file, label, unsafe name, a type nobody knows, or data behind the end (then `path` is ''). */
export interface ForeignItem {
  readonly path: string;
  readonly what: string;
}

/** Members that are not carried directories. */
export function contentMembers(manifest: Manifest): readonly Member[] {
  return manifest.members.filter((member) => member.type !== 'directory');
}

/** What an index finds: members, and what no `Member` has a word for; the consumer must tell of it. */
export type IndexedItem =
  | { readonly kind: 'member'; readonly member: Member }
  | ({ readonly kind: 'foreign' } & ForeignItem);
