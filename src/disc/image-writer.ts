import { dirname } from 'node:path';
import type { FileOperations } from '../durable/file-operations.ts';
import { publishOver } from '../durable/publish-file.ts';
import { scratchFolder } from '../durable/scratch-folder.ts';
import { fileError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { blockBytes } from './block-source.ts';
import { copyFile, type FoundImage, findImage } from './image-file.ts';
import { interruptible } from './interruption.ts';
import { type DiscMedia, leadIn, mediumOf } from './media.ts';
import { estimatedBytes, requireRoom, sessionPlanner, treeOf } from './session-plan.ts';
import { requireWritten, shownBy, writeSession } from './write-session.ts';
import type { MediaCapacity, WriteOptions, Writer, WrittenDisc } from './writer.ts';
import { isCrash } from './xorriso.ts';

export interface ImageWriterOptions {
  readonly files: FileOperations;
  /** What the image stands for: its capacity. Without one, as much as there is room for on the disk. */
  readonly media?: DiscMedia | undefined;
  /** The program `xorriso`, where it is not the one on PATH. */
  readonly xorriso?: string | undefined;
}

/** What the folders begin with in which an image is written until it is whole. */
export const imageWork = '.stowage-disc-';

/**
 * A writer whose medium is a regular file. A session is written to a copy beside it, which is fsynced, read back, and then takes its name in one
 * step: until then the old image is as it was, whatever happens, and it needs as much room again. Throws `changed` if somebody else wrote the image meanwhile.
 */
export function imageWriter(path: string, { files, media, xorriso: program }: ImageWriterOptions): Writer {
  const planner = sessionPlanner();
  const estimate = (newDisc: boolean, image: FoundImage, signal: AbortSignal | undefined) =>
    estimatedBytes(
      newDisc || image.sessions.length === 0 ? ['-outdev', 'stdio:/dev/null'] : ['-dev', `stdio:${path}`],
      planner.begun(),
      { program, signal },
    );
  const write = async (options: WriteOptions): Promise<WrittenDisc> => {
    const { signal } = options;
    const plan = planner.begun();
    const found = await findImage(files, path);
    const anew = plan.newDisc || found.sessions.length === 0;
    const tree = await treeOf(plan, signal);
    requireRoom(await estimate(anew, found, signal), capacityOf(found, media, anew));
    const work = await scratchFolder(files, dirname(path), imageWork);
    try {
      const fresh = `${work.path}/image.iso`;
      const mode = Number(found.stats.mode) & 0o777;
      const kept = anew ? new Map() : await shownBy(path);
      const session = async () => {
        if (anew) await beginEmpty(files, fresh, mode);
        else await copyFile(files, path, fresh, mode, signal);
        return writeSession([['-dev', `stdio:${fresh}`]], plan, tree, options, { program });
      };
      const digests = await session().catch(async (error: unknown) => {
        if (!isCrash(error)) throw error;
        // It worked on a copy, which is begun again: once.
        await files.unlink(fresh);
        return session();
      });
      await settle(files, fresh, found);
      const verdict = await requireWritten(fresh, tree, kept, digests, { xorriso: program, signal });
      await requireSame(files, path, found);
      await publishOver(files, fresh, path);
      return { digests, verdict };
    } finally {
      await work.remove();
    }
  };
  return {
    ...planner,
    getEstimatedImageSize: (signal) =>
      interruptible(signal, `the estimate for '${displayName(path)}'`, async () => {
        await treeOf(planner.begun(), signal);
        return estimate(planner.begun().newDisc, await findImage(files, path), signal);
      }),
    async retrieveCapacity({ entireDisc = false } = {}) {
      return capacityOf(await findImage(files, path), media, entireDisc);
    },
    writeImage: (options = {}) =>
      interruptible(options.signal, `the writing of '${displayName(path)}'`, () => write(options)),
  };
}

function capacityOf({ sessions }: FoundImage, media: DiscMedia | undefined, entireDisc: boolean): MediaCapacity {
  const newest = entireDisc ? undefined : sessions.at(-1);
  const used = newest === undefined ? 0 : (newest.start + newest.blocks) * blockBytes;
  const total = media === undefined ? Number.MAX_SAFE_INTEGER : mediumOf(media).bytes;
  return { total, used, available: Math.max(0, total - used - leadIn(media, newest === undefined)) };
}

async function beginEmpty(files: FileOperations, path: string, mode: number): Promise<void> {
  try {
    await (await files.open(path, 'wx', mode)).close();
  } catch (error) {
    throw fileError(`cannot begin '${displayName(path)}'`, error);
  }
}

/** The new image is durable, and belongs to whom the old one did. */
async function settle(files: FileOperations, path: string, { stats }: FoundImage): Promise<void> {
  try {
    const ours = await files.lstat(path);
    const owner = { uid: Number(stats.uid), gid: Number(stats.gid) };
    const isTheirs = ours !== undefined && (ours.uid !== stats.uid || ours.gid !== stats.gid);
    await files.setAttributes(path, { mode: Number(stats.mode) & 0o7777, ...(isTheirs ? { owner } : {}) });
    const file = await files.open(path, 'a');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(`cannot finish '${displayName(path)}'`, error);
  }
}

async function requireSame(files: FileOperations, path: string, { stats }: FoundImage): Promise<void> {
  const now = await files.lstat(path);
  const fields = ['dev', 'ino', 'size', 'mtimeNs'] as const;
  if (now !== undefined && fields.every((field) => now[field] === stats[field])) return;
  throw new StowageError('changed', `'${displayName(path)}' was written by somebody else meanwhile`, {
    hint: 'run the same command again',
  });
}
