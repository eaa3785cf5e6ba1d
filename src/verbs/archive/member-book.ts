import { type MemberLines, memberLine } from '../../catalog/member-lines.ts';
import type { Member } from '../../model/manifest.ts';
import { signature } from '../../shards/signature.ts';
import { type LineSpool, lineSpool } from './line-spool.ts';

/** What there is to remember of the members of one archive while it is made: as journal lines, so that a million of them need no more memory than a thousand. */
export interface MemberBook {
  /** A member that is in the archive. */
  add(member: Member): void;
  /** Members that were packed elsewhere, with their journal lines. */
  addLines(lines: Uint8Array, members: number, content: Content): void;
  /** What the listing says of the next entry: where everything goes in as it was listed, that is what is signed. */
  sign(line: string): void;
  /** True if a member of this path was added; only for a book that keeps paths. */
  has(path: string): boolean;
  /** All of it; nothing may be added after this. */
  close(): BookedMembers;
  /** Gives up what it holds on disk. Idempotent. */
  discard(): void;
}

/** Members that are no carried directories. */
export interface Content {
  readonly members: number;
  /** Several names of one file count once. */
  readonly bytes: number;
}

export interface BookedMembers {
  readonly lines: MemberLines;
  readonly content: Content;
  /** What a listing will say of the members if nothing changes; absent if one is torn, which is no state that its file ever had. */
  readonly signature?: string;
  /** Gives up what the lines hold. Idempotent. */
  discard(): void;
}

export interface BookOptions {
  /** `lines`: by `sign`; `members`: by what is added. */
  readonly signedBy: 'lines' | 'members';
  readonly keepsPaths: boolean;
  /** Where a work file may lie; without it all stays in memory. */
  readonly path: string | undefined;
}

const pieceLines = 256;

/** An empty book. */
export function memberBook({ signedBy, keepsPaths, path }: BookOptions): MemberBook {
  const spool: LineSpool = lineSpool(path);
  const signed = signature();
  const paths = new Set<string>();
  const content = { members: 0, bytes: 0 };
  let isTorn = false;
  let text = '';
  let waiting = 0;

  const flush = () => {
    if (waiting > 0) spool.add(Buffer.from(text, 'utf8'), waiting);
    text = '';
    waiting = 0;
  };

  return {
    add(member) {
      text += memberLine(member);
      waiting += 1;
      if (waiting === pieceLines) flush();
      if (keepsPaths) paths.add(member.path);
      if (member.torn) isTorn = true;
      if (member.type === 'directory') return;
      content.members += 1;
      if (member.hardLink === undefined) content.bytes += member.bytes;
      if (signedBy === 'members') signed.add(member);
    },
    addLines(lines, members, more) {
      flush();
      spool.add(lines, members);
      content.members += more.members;
      content.bytes += more.bytes;
    },
    sign(line) {
      if (signedBy === 'lines') signed.addLine(line);
    },
    has: (one) => paths.has(one),
    close() {
      flush();
      const found = isTorn ? {} : { signature: signed.digest() };
      return { lines: spool.lines(), content, ...found, discard: spool.discard };
    },
    discard: spool.discard,
  };
}
