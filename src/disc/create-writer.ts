import { stat } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { realFiles } from '../durable/real-files.ts';
import { fileError, StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { usableTarget } from './drive.ts';
import { driveWriter } from './drive-writer.ts';
import { imageWriter } from './image-writer.ts';
import { type DiscDevice, type DiscMedia, requireMatch } from './media.ts';
import type { TrayOptions } from './tray.ts';
import type { Writer } from './writer.ts';

/** Where discs are written, by the names of Cedar Backup's section store. */
export interface DiscSettings extends TrayOptions {
  readonly deviceType: DiscDevice;
  readonly mediaType: DiscMedia;
  /** Absolute: a drive, or a regular file, which then is an image of that size. */
  readonly targetDevice: string;
  /**
   * What `cdrecord` needed in place of the device: `[method:]bus,target,lun`. xorriso opens the device itself, so this is not used.
   */
  readonly targetScsiId?: string | undefined;
  readonly driveSpeed?: number | undefined;
  /** The program `xorriso`, where it is not the one on PATH. */
  readonly xorriso?: string | undefined;
  readonly files?: FileOperations;
}

/**
 * The writer for a target. Throws `configuration` where device and media do not match, `missing` where the target is not there, `refused` where it is
 * mounted, may not be written, or is neither a drive nor a regular file.
 */
export async function createWriter(settings: DiscSettings): Promise<Writer> {
  const { deviceType, mediaType, targetDevice, files = realFiles } = settings;
  requireMatch(deviceType, mediaType);
  const path = await usableTarget(targetDevice);
  const found = await stat(fsPath(path)).catch((error: unknown) => {
    throw fileError(`cannot look at '${displayName(path)}'`, error);
  });
  if (found.isFile()) return imageWriter(path, { files, media: mediaType, xorriso: settings.xorriso });
  if (found.isBlockDevice() || found.isCharacterDevice()) return driveWriter(path, { ...settings, media: mediaType });
  throw new StowageError('refused', `'${displayName(path)}' is neither a drive nor a regular file`);
}
