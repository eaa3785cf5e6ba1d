import { isStowageError } from '../errors.ts';
import { type BlockSource, blockBytes } from './block-source.ts';

/** What the primary volume descriptor of a session says (ECMA-119, 8.4). */
export interface Volume {
  /** The first block of the session; its descriptors begin 16 blocks later. */
  readonly start: number;
  readonly label: string;
  /** From `start` on; with the head of an overwritable medium (`start` 0), from the beginning of the medium on. */
  readonly blocks: number;
  readonly root: { readonly block: number; readonly bytes: number };
}

/** Where the first session begins on media that can be overwritten: before it lies the head, a copy of the newest session's descriptors. */
const firstSession = 32;

/** Sessions begin on such a boundary on media that can be overwritten. */
const alignment = 32;

/** The volume descriptor of the session that begins at this block, or undefined if there is none. */
export async function volumeAt(source: BlockSource, start: number): Promise<Volume | undefined> {
  if (source.bytes !== undefined && (start + 17) * blockBytes > source.bytes) return undefined;
  const block = await source.read(start + 16, blockBytes).catch((error: unknown) => {
    // A drive tells the end of its medium by an error.
    if (isStowageError(error, 'corrupt', 'unavailable') && start > 0) return undefined;
    throw error;
  });
  if (block === undefined || block[0] !== 1 || block.toString('latin1', 1, 6) !== 'CD001') return undefined;
  return {
    start,
    label: block.toString('latin1', 40, 72).trimEnd(),
    blocks: block.readUInt32LE(80),
    root: { block: block.readUInt32LE(158), bytes: block.readUInt32LE(166) },
  };
}

/**
 * The sessions of an image or of a medium that can be overwritten, the oldest first; empty if it is no ISO image. The newest holds the names
 * of all that the older ones hold. `starts` is where they
 * begin, for a medium that tells it to the drive alone (a CD-R, a DVD+R).
 */
export async function sessionsOf(source: BlockSource, starts: readonly number[] = []): Promise<readonly Volume[]> {
  if (starts.length > 0) {
    const told = await Promise.all(starts.map((start) => volumeAt(source, start)));
    return told.filter((one) => one !== undefined);
  }
  const head = await volumeAt(source, 0);
  if (head === undefined) return [];
  const found: Volume[] = [];
  for (let at = firstSession; ; ) {
    const session = await volumeAt(source, at);
    // The head's root is that of the newest session: what lies behind it was begun and never finished, or is older than the medium's present life.
    if (session === undefined || session.start > head.root.block) break;
    found.push(session);
    at = Math.ceil((session.start + session.blocks) / alignment) * alignment;
  }
  const newest = found.at(-1);
  return newest !== undefined && newest.root.block === head.root.block ? found : [head];
}
