import { closeSync } from 'node:fs';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { unsafePath } from '../model/relative-path.ts';
import { chunkRing } from './chunk-ring.ts';
import { diskContent, type Streamed, storedContent } from './content-stream.ts';
import { changedError, changeOf, type DiskFile, openDiskFile } from './disk-file.ts';
import { headerRoom, writeMemberHeader } from './member-header.ts';
import type { PackedBatch } from './pack-batch.ts';
import type { PackedStream, PackItem } from './pack-item.ts';
import type { PackOptions } from './pack-options.ts';
import { type PackStep, packSteps } from './pack-steps.ts';
import { type Packing, packing } from './packing.ts';
import { isSmall } from './small-batch.ts';
import { readSmall } from './small-file.ts';
import { endBytes, padded } from './tar-header.ts';

/**
 * Writes a tar of exactly these items, in their order, in one pass. A hard link must come after the member that it names.
 * Throws from `chunks`: `changed` (see `PackOptions.settle`), `unavailable` with `facts.path` if a file cannot be read, `corrupt` for
 * stored content that is not what it was, `refused` for a path that leaves the root, `interrupted`. Then what was handed out is no archive.
 */
export function packTar(items: Iterable<PackItem>, options: PackOptions): PackedStream {
  const books = packing(options);
  return { chunks: closing(books, tarChunks(items, books)), result: books.result };
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

async function* tarChunks(items: Iterable<PackItem>, books: Packing): AsyncGenerator<Uint8Array> {
  const ring = chunkRing();
  let chunk = ring.next(books.chunkLength);
  let from = 0; // what lies before it was handed out
  let at = 0;
  let lent: ArrayBuffer | undefined; // of a thread, handed out last
  for await (const step of stepsOf(items, books)) {
    if ('packed' in step) {
      if (at > from) yield await books.hand(chunk.subarray(from, at));
      from = at;
      const part = step.packed;
      addBatch(step.items, part, books);
      yield await books.hand(new Uint8Array(part.memory, 0, part.length));
      if (lent !== undefined) books.threads!.release(lent);
      lent = part.memory;
      continue;
    }
    const { item } = step;
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

/** With `settle` a file that does not hold still needs more than an error: then all is done here. */
function stepsOf(
  items: Iterable<PackItem>,
  { settle, threads }: Packing,
): AsyncIterable<PackStep> | Iterable<PackStep> {
  const sound = soundItems(items);
  return threads === undefined || settle ? singleSteps(sound) : packSteps(sound, threads);
}

function* singleSteps(items: Iterable<PackItem>): Generator<PackStep> {
  for (const item of items) yield { item };
}

function* soundItems(items: Iterable<PackItem>): Generator<PackItem> {
  for (const item of items) {
    const { member, content } = item;
    refuseUnsafe(member);
    if ((content.kind === 'none') === (member.type === 'file' && member.hardLink === undefined))
      throw noContent(member.path);
    yield item;
  }
}

function addBatch(items: readonly PackItem[], { digests, offsets }: PackedBatch, books: Packing): void {
  const begin = books.handed();
  let digest = 0;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index]!;
    const offset = offsets[index]!;
    if (offset >= 0) {
      books.count(item.member.bytes);
      books.add(item, { sha256: digests.slice(digest, digest + 64), offset: begin + offset });
      digest += 64;
    } else if (item.member.hardLink === undefined) books.add(item, {});
    else books.addHardLink(item);
  }
}

async function* plainChunks(item: PackItem, books: Packing): AsyncGenerator<Uint8Array> {
  const { member, content } = item;
  if (content.kind === 'none' || member.type !== 'file') throw noContent(member.path);
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
  if (content.kind === 'none') throw noContent(member.path);
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

function refuseUnsafe({ path }: PackItem['member']): void {
  const problem = unsafePath(path);
  if (problem !== undefined) throw new StowageError('refused', `'${displayName(path)}' cannot be archived: ${problem}`);
}

function noContent(path: string): StowageError {
  return new StowageError('bug', `'${displayName(path)}' has no content, or one too many`);
}
