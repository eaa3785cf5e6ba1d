import type { Member } from '../model/manifest.ts';
import { memberFields } from '../model/manifest-json.ts';
import { sealed } from './journal-line.ts';

/** The journal lines of a manifest's members, in pieces of whole lines. */
export interface MemberLines {
  readonly count: number;
  /** Gives each piece once, or again for who begins anew. */
  readonly pieces: Iterable<Uint8Array>;
}

const pieceLength = 4096;

/** The journal line of a member. */
export function memberLine(member: Member): string {
  return sealed(`{"kind":"member",${memberFields(member)}`);
}

/** The lines of these members, made as they are asked for. */
export function linesOfMembers(members: readonly Member[]): MemberLines {
  function* pieces() {
    for (let from = 0; from < members.length; from += pieceLength) {
      const lines = members.slice(from, from + pieceLength).map(memberLine);
      yield Buffer.from(lines.join(''), 'utf8');
    }
  }
  return { count: members.length, pieces: { [Symbol.iterator]: pieces } };
}
