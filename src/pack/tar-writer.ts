import { closeSync } from 'node:fs';
import { chunkRing } from './chunk-ring.ts';
import { diskContent, type Streamed, storedContent } from './content-stream.ts';
import { changedError, changeOf, type DiskFile, openDiskFile } from './disk-file.ts';
import { headerRoom, writeMemberHeader } from './member-header.ts';
import type { PackedPart, PackedStream, PackItem, PackStep } from './pack-item.ts';
import type { PackOptions } from './pack-options.ts';
import { type Packing, packing } from './packing.ts';
import { isSmall, readSmall } from './small-file.ts';
import { noContent, requireSound } from './sound-item.ts';
import { endBytes, padded } from './tar-header.ts';

/**
 * Writes a tar of exactly these items and parts, in their order, in one pass. A hard link must come after the `shared` item that it names.
 * Throws from `chunks`: `changed` (see `PackOptions.settle`), `unavailable` with `facts.path` if a file cannot be read, `corrupt` for
 * stored content that is not what it was, `refused` for a path that leaves the root, `interrupted`. Then what was handed out is no archive.
 */
export function packTar(steps: Iterable<PackStep> | AsyncIterable<PackStep>, options: PackOptions): PackedStream {
  const books = packing(options);
  return { chunks: closing(books, tarChunks(steps, books)), result: books.result };
}

/** An archive that is one file's content as it is; otherwise as `packTar`. If the file had to be left out, `result().members` is empty. */
export function packPlain(item: PackItem, options: PackOptions): PackedStream {
  const books = packing(options);
  return { chunks: closing(books, plainChunks(item, books)), result: books.result };
}

/** The same chunks; the books are closed when they have ended, failed, or are no longer wanted. */
async function* closing(books: Packing, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    books.close();
  }
}

async function* tarChunks(
  steps: Iterable<PackStep> | AsyncIterable<PackStep>,
  books: Packing,
): AsyncGenerator<Uint8Array> {
  const ring = chunkRing();
  let chunk = ring.next(books.chunkLength);
  let from = 0; // what lies before it was handed out
  let at = 0;
  let lent: PackedPart | undefined; // handed out last
  for await (const step of steps) {
    if ('part' in step) {
      if (at > from) yield await books.hand(chunk.subarray(from, at));
      from = at;
      const { part } = step;
      part.placed(books.handed());
      books.addPart(part.members, part.contentBytes);
      yield await books.hand(part.bytes);
      lent?.release();
      lent = part;
      continue;
    }
    const { item } = step;
    requireSound(item);
    const { member, content } = item;
    const small = content.kind === 'disk' && isSmall(item);
    const room = headerRoom(member) + (small ? padded(member.bytes) : 0);
    if (at + room > chunk.length) {
      if (at > from) yield await books.hand(chunk.subarray(from, at));
      chunk = ring.next(Math.max(books.chunkLength, room));
      from = 0;
      at = 0;
    }
    if (content.kind === 'none') {
      if (member.hardLink === undefined) books.add(item, {});
      else if (!books.addHardLink(item)) continue;
      at = writeMemberHeader(chunk, at, member);
      continue;
    }
    const file = content.kind === 'disk' ? openDiskFile(member, content.path, books.settle, small) : undefined;
    if (file !== undefined && 'reason' in file) {
      books.tell(file);
      continue;
    }
    try {
      at = writeMemberHeader(chunk, at, member);
      const offset = books.handed() + at - from;
      if (file !== undefined && small) {
        const streamed = readSmall(member, file.descriptor, chunk, at);
        at += padded(member.bytes);
        books.count(member.bytes);
        settleFile(item, file, streamed, offset, books);
        continue;
      }
      yield await books.hand(chunk.subarray(from, at));
      from = at;
      const streamed = yield* handContent(item, file, books);
      settleFile(item, file, streamed, offset, books);
      const end = at + padded(member.bytes) - member.bytes;
      chunk.fill(0, at, end);
      at = end;
    } finally {
      if (file !== undefined) closeSync(file.descriptor);
    }
  }
  if (at > from) yield await books.hand(chunk.subarray(from, at));
  yield await books.hand(Buffer.alloc(endBytes));
  await books.end();
}

async function* plainChunks(item: PackItem, books: Packing): AsyncGenerator<Uint8Array> {
  const { member, content } = item;
  if (content.kind === 'none') throw noContent(member.path);
  const file = content.kind === 'disk' ? openDiskFile(member, content.path, books.settle) : undefined;
  if (file !== undefined && 'reason' in file) {
    books.tell(file);
    await books.end();
    return;
  }
  try {
    const streamed = yield* handContent(item, file, books);
    settleFile(item, file, streamed, 0, books);
  } finally {
    if (file !== undefined) closeSync(file.descriptor);
  }
  await books.end();
}

async function* handContent(
  { member, content }: PackItem,
  file: DiskFile | undefined,
  books: Packing,
): AsyncGenerator<Uint8Array, Streamed> {
  const pieces =
    file === undefined
      ? storedContent(member, content as typeof content & { kind: 'stored' })
      : diskContent(member, file.descriptor, books);
  try {
    for (;;) {
      const next = await pieces.next();
      if (next.done) return next.value;
      books.count(next.value.length);
      yield await books.hand(next.value);
    }
  } finally {
    await pieces.return({ sha256: '', short: false });
  }
}

/** After the content: is the file still what its item says? Then the member goes into the books, torn if it is not. */
function settleFile(
  item: PackItem,
  file: DiskFile | undefined,
  streamed: Streamed,
  offset: number,
  books: Packing,
): void {
  const { member, content } = item;
  if (file === undefined) {
    const torn = content.kind === 'stored' && content.torn ? { torn: content.torn } : {};
    books.add(item, { sha256: streamed.sha256, offset, ...torn });
    return;
  }
  const change = changeOf(member, file.descriptor) ?? file.change ?? (streamed.short ? 'it ended early' : undefined);
  if (change === undefined) {
    books.add(item, { sha256: streamed.sha256, offset });
    return;
  }
  if (!books.settle) throw changedError(member.path, change);
  books.tell({ path: member.path, kind: 'changed', reason: change });
  books.add(item, { sha256: streamed.sha256, offset, torn: true });
}
