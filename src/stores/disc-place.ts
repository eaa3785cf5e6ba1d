import { realpath, stat } from 'node:fs/promises';
import { createWriter } from '../disc/create-writer.ts';
import { type DriveState, driveState } from '../disc/drive.ts';
import { imageWriter } from '../disc/image-writer.ts';
import { type DiscMedia, discMedia, mediumOf } from '../disc/media.ts';
import type { Writer } from '../disc/writer.ts';
import type { FileOperations } from '../durable/file-operations.ts';
import { fileError, isStowageError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';

export interface DiscPlaceOptions {
  readonly files: FileOperations;
  /** What the disc is: its capacity. Without it an image may fill its disk, and a drive says what lies in it. */
  readonly media?: DiscMedia | undefined;
  /** The program `xorriso`, where it is not the one on PATH. */
  readonly xorriso?: string | undefined;
}

/** What a disc is right now, as far as that is quick to say. */
export interface DiscState {
  /** Another whenever the disc may hold something else; undefined where nobody can tell. */
  readonly identity: string | undefined;
  readonly isBlank: boolean;
  /** Where its sessions begin, for a medium that tells it to the drive alone. */
  readonly starts?: readonly number[];
}

/** The image or drive that a store lies on. */
export interface DiscPlace {
  readonly path: string;
  readonly isDrive: () => Promise<boolean>;
  /** Throws `unavailable` where it cannot be looked at, or where it is not there. */
  state(signal?: AbortSignal): Promise<DiscState>;
  /** A writer that adds sessions. Throws `refused` where that cannot be. */
  writer(signal?: AbortSignal): Promise<Writer>;
}

/** The place at an absolute path: a regular file is an image, a device a drive. */
export function discPlace(path: string, options: DiscPlaceOptions): DiscPlace {
  const { files, media, xorriso } = options;
  const shown = displayName(path);
  const found = async () => {
    try {
      return await stat(fsPath(path), { bigint: true });
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw fileError(`cannot look at the disc '${shown}'`, error);
      throw new StowageError('unavailable', `the disc '${shown}' does not exist`, {
        hint: `if it lies on a disk that is not mounted, mount it; if it is a new image: touch '${shown}'`,
        cause: error,
      });
    }
  };
  const isDrive = async () => {
    const one = await found();
    return one.isBlockDevice() || one.isCharacterDevice();
  };
  const inDrive = async (signal: AbortSignal | undefined): Promise<DriveState> => {
    try {
      return await driveState(path, { program: xorriso, signal });
    } catch (error) {
      if (!isStowageError(error, 'program')) throw error;
      throw new StowageError('unavailable', `cannot look at the disc in '${shown}': ${error.message}`, {
        hint: 'put the disc in, and run the same command again',
        cause: error,
      });
    }
  };
  return {
    path,
    isDrive,
    async state(signal) {
      const one = await found();
      if (one.isFile())
        return { identity: `${one.dev}-${one.ino}-${one.size}-${one.mtimeNs}`, isBlank: one.size === 0n };
      if (!(await isDrive()))
        throw new StowageError('unavailable', `the disc '${shown}' is neither a regular file nor a drive`);
      const { isBlank, sessions } = await inDrive(signal);
      return { identity: undefined, isBlank, starts: sessions };
    },
    async writer(signal) {
      if (!(await isDrive()))
        return imageWriter(nameFromBytes(await realpath(fsPath(path), 'buffer')), { files, media, xorriso });
      const mediaType = media ?? (await mediaIn(path, await inDrive(signal)));
      return createWriter({ deviceType: mediumOf(mediaType).device, mediaType, targetDevice: path, xorriso, files });
    },
  };
}

/** What lies in the drive. Of what is called the same, the smaller. */
async function mediaIn(path: string, { profile }: DriveState): Promise<DiscMedia> {
  const found = discMedia.find((one) => mediumOf(one).profile.test(profile));
  if (found !== undefined) return found;
  throw new StowageError(
    'refused',
    `in '${displayName(path)}' lies a ${displayName(profile)}, which cannot be written`,
    {
      hint: `known are ${discMedia.join(', ')}`,
    },
  );
}
