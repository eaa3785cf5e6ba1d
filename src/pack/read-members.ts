import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Member } from '../model/manifest.ts';
import { type ByteCursor, byteCursor } from './byte-cursor.ts';

/** An archive that can be read in parts: `start` inclusive, `end` exclusive. */
export interface RangedArchive {
  get(range: { readonly start: number; readonly end: number }): Promise<AsyncIterable<Uint8Array>>;
}

/** A member and its content. What is not read of the content when the next member is asked for is skipped. */
export interface ReadMember {
  readonly member: Member;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Contents no farther apart than this are read in one go: on most stores a request costs more than a megabyte. */
const gapBytes = 1024 * 1024;

interface Placed extends Member {
  readonly offset: number;
}

/**
 * Reads the contents of members out of an archive, in the order of their offsets and through as few ranged reads as is reasonable.
 * Members without content of their own (links, directories, hard links) do not come; asking for a file whose offset nobody knows is a `bug`.
 * Throws `corrupt` if the archive ends inside a member. Digests are the caller's to compare.
 */
export async function* readMembers(source: RangedArchive, wanted: readonly Member[]): AsyncGenerator<ReadMember> {
  const placed = wanted.filter(hasPlace).sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  for (const run of runs(placed)) {
    const start = run[0]!.offset;
    const end = run.at(-1)!.offset + run.at(-1)!.bytes;
    const cursor = byteCursor(end > start ? await source.get({ start, end }) : nothing(), start);
    try {
      for (const member of run) {
        await cursor.skipTo(member.offset);
        yield { member, content: contentOf(cursor, member) };
      }
    } finally {
      await cursor.close();
    }
  }
}

function hasPlace(member: Member): member is Placed {
  if (member.offset !== undefined) return true;
  if (member.type !== 'file' || member.hardLink !== undefined) return false;
  throw new StowageError('bug', `'${displayName(member.path)}' was asked for, and nobody knows where it begins`);
}

/** Members that are read in one go. One that overlaps the last (the same content asked for twice) begins anew. */
function* runs(placed: readonly Placed[]): Generator<readonly Placed[]> {
  let run: Placed[] = [];
  let end = 0;
  for (const member of placed) {
    if (run.length > 0 && (member.offset < end || member.offset - end > gapBytes)) {
      yield run;
      run = [];
    }
    run.push(member);
    end = member.offset + member.bytes;
  }
  if (run.length > 0) yield run;
}

async function* contentOf(cursor: ByteCursor, member: Placed): AsyncGenerator<Uint8Array> {
  const end = member.offset + member.bytes;
  if (cursor.position() < member.offset || cursor.position() > end) {
    throw new StowageError(
      'bug',
      `the content of '${displayName(member.path)}' was read after that of the next member`,
    );
  }
  while (cursor.position() < end) yield await cursor.upTo(end);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
