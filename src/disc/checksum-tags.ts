import { createHash } from 'node:crypto';
import { isStowageError } from '../errors.ts';
import { type BlockSource, blockBytes } from './block-source.ts';
import type { Volume } from './volume.ts';

/** The parts of a session that xorriso writes an MD5 of (libisofs' doc/checksums.txt): its descriptors, these and the directories, all of it. */
export type ChecksumPart = 'head' | 'descriptors' | 'directories' | 'session';

/** What came of comparing one part with its checksum. */
export interface ChecksumResult {
  readonly part: ChecksumPart;
  readonly state: 'match' | 'mismatch' | 'absent';
}

interface Tag {
  readonly position: number;
  readonly start: number;
  readonly blocks: number;
  readonly next: number | undefined;
  readonly md5: string;
}

const names: Readonly<Record<ChecksumPart, string>> = {
  head: 'libisofs_rlsb32_checksum_tag_v1',
  descriptors: 'libisofs_sb_checksum_tag_v1',
  directories: 'libisofs_tree_checksum_tag_v1',
  session: 'libisofs_checksum_tag_v1',
};

/** Compares the head of a medium that can be overwritten, the copy of the newest session's descriptors, with its checksum. */
export async function checkHead(source: BlockSource): Promise<ChecksumResult> {
  return checked(source, 'head', await descriptorTag(source, 'head', 0));
}

/**
 * Compares the parts of a session with the checksums in it: descriptors and directories, and with `all` every byte of the session, which
 * takes the time to read it. An absent checksum is an answer, and never a match.
 */
export async function* checkSession(
  source: BlockSource,
  volume: Volume,
  all: boolean,
  signal?: AbortSignal,
): AsyncGenerator<ChecksumResult> {
  const descriptors = await descriptorTag(source, 'descriptors', volume.start);
  yield await checked(source, 'descriptors', descriptors, signal);
  const directories = await nextTag(source, 'directories', descriptors);
  yield await checked(source, 'directories', directories, signal);
  const session = await nextTag(source, 'session', directories);
  if (all) yield await checked(source, 'session', session, signal);
  else if (session === undefined) yield { part: 'session', state: 'absent' };
}

/** The first tag lies behind the volume descriptors, of which there are a few. */
async function descriptorTag(source: BlockSource, part: ChecksumPart, start: number): Promise<Tag | undefined> {
  for (let block = start + 17; block < start + 32; block += 1) {
    const tag = await tagAt(source, part, block);
    if (tag !== undefined) return tag.start === start ? tag : undefined;
  }
  return undefined;
}

async function nextTag(source: BlockSource, part: ChecksumPart, before: Tag | undefined): Promise<Tag | undefined> {
  if (before?.next === undefined) return undefined;
  const tag = await tagAt(source, part, before.next);
  return tag?.start === before.start ? tag : undefined;
}

async function tagAt(source: BlockSource, part: ChecksumPart, block: number): Promise<Tag | undefined> {
  const bytes = await source.read(block, blockBytes).catch((error: unknown) => {
    if (isStowageError(error, 'corrupt')) return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const text = bytes.toString('latin1');
  const line = text.slice(0, text.indexOf('\n') + 1);
  if (!line.startsWith(`${names[part]} `)) return undefined;
  // A tag proves itself by an MD5 of what stands before it, and nothing but zeros follows it.
  const self = / self=([0-9a-f]{32})\n$/.exec(line);
  if (self === null || md5Of(line.slice(0, self.index)) !== self[1]) return undefined;
  if (bytes.subarray(line.length).some((byte) => byte !== 0)) return undefined;
  const value = (name: string) => new RegExp(` ${name}=([0-9a-f]+)`).exec(line)?.[1];
  const [position, start, blocks, md5] = [value('pos'), value('range_start'), value('range_size'), value('md5')];
  if (Number(position) !== block || start === undefined || blocks === undefined || md5 === undefined) return undefined;
  const next = value('next');
  return {
    position: block,
    start: Number(start),
    blocks: Number(blocks),
    next: next === undefined ? undefined : Number(next),
    md5,
  };
}

async function checked(
  source: BlockSource,
  part: ChecksumPart,
  tag: Tag | undefined,
  signal?: AbortSignal,
): Promise<ChecksumResult> {
  if (tag === undefined) return { part, state: 'absent' };
  const hash = createHash('md5');
  const step = 512;
  for (let done = 0; done < tag.blocks; done += step) {
    signal?.throwIfAborted();
    hash.update(await source.read(tag.start + done, Math.min(step, tag.blocks - done) * blockBytes));
  }
  return { part, state: hash.digest('hex') === tag.md5 ? 'match' : 'mismatch' };
}

function md5Of(text: string): string {
  return createHash('md5').update(text, 'latin1').digest('hex');
}
