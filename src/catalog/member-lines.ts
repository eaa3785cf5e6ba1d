import { setImmediate } from 'node:timers/promises';
import type { Member } from '../model/manifest.ts';
import { memberFields } from '../model/manifest-json.ts';
import { sealed } from './journal-line.ts';

/** The journal lines of the first `count` members of a manifest, finished. */
export interface MemberLines {
  readonly count: number;
  readonly pieces: readonly Uint8Array[];
}

/** How many lines are made in one go. */
export const pieceLength = 4096;

/** More than this is not held in memory: the rest is made while it is written. */
const heldAtMost = 50 * pieceLength;

/** The journal line of a member. */
export function memberLine(member: Member): string {
  return sealed(`{"kind":"member",${memberFields(member)}`);
}

/** Makes the lines of members before they can be written, in the time that something else must be waited for. */
export async function memberLines(members: readonly Member[]): Promise<MemberLines> {
  const pieces: Uint8Array[] = [];
  const count = Math.min(members.length, heldAtMost);
  for (let from = 0; from < count; from += pieceLength) {
    await setImmediate();
    pieces.push(
      Buffer.from(
        members
          .slice(from, Math.min(from + pieceLength, count))
          .map(memberLine)
          .join(''),
        'utf8',
      ),
    );
  }
  return { count, pieces };
}
