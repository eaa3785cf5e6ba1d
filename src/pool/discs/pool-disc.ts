import { realpath } from 'node:fs/promises';
import { createWriter as createDiscWriter, type DiscSettings } from '../../disc/create-writer.ts';
import { lookAtMedium, type MediumFacts } from '../../disc/look-at-medium.ts';
import type { Writer } from '../../disc/writer.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import type { DiscSection, PoolConfiguration, StoreSettings } from '../configuration/pool-configuration.ts';
import type { PoolRun } from '../pool-run.ts';

/** The section store. Throws `configuration` if there is none. */
export function storeOf({ store }: PoolConfiguration): StoreSettings {
  if (store !== undefined) return store;
  throw new StowageError('configuration', 'the configuration has no section store', {
    hint: 'it says where days go: which disc is written, or into which store',
  });
}

/** The directory that days are stored from. Throws `missing` if it is not there: it may be a disk that is not mounted, and then it is not empty. */
export async function sourceDirOf({ configuration, files }: Pick<PoolRun, 'configuration' | 'files'>): Promise<string> {
  const sourceDir = withoutSlash(storeOf(configuration).sourceDir);
  const found = await files.lstat(`${sourceDir}/.`).catch((error: unknown) => {
    throw fileError(`cannot look at '${displayName(sourceDir)}'`, error);
  });
  if (found !== undefined) return sourceDir;
  throw new StowageError('missing', `there is no directory '${displayName(sourceDir)}' to store days from`, {
    hint: 'if it lies on a disk that is not mounted, mount it',
  });
}

/** The disc of the section store. Throws `configuration` if days go to no disc. */
export function discOf(configuration: PoolConfiguration): DiscSection {
  const { disc } = storeOf(configuration);
  if (disc !== undefined) return disc;
  throw new StowageError('configuration', 'the section store names no disc', {
    hint: 'a disc needs a media_type and a target_device; a store needs no initializing, make its directory',
  });
}

/** How the disc of a pool is written; what is overridden under `options` are `xorriso` and `eject`. */
export function discSettingsOf(configuration: PoolConfiguration, files: FileOperations = realFiles): DiscSettings {
  const { overrides } = configuration.options;
  const { deviceType, mediaType, targetDevice, targetScsiId, driveSpeed, noEject, ejectDelay, refreshMediaDelay } =
    discOf(configuration);
  return {
    ...{ deviceType, mediaType, targetDevice, targetScsiId, driveSpeed, noEject, ejectDelay, refreshMediaDelay, files },
    xorriso: overrides.get('xorriso'),
    eject: overrides.get('eject'),
  };
}

/**
 * The writer for the disc of a pool. Throws `missing` where the target is not there, `refused` where it is mounted, may not be written, or is neither a
 * drive nor a regular file.
 */
export async function createWriter(
  configuration: PoolConfiguration,
  files: FileOperations = realFiles,
): Promise<Writer> {
  return createDiscWriter(discSettingsOf(configuration, files));
}

/** The disc that a run writes. */
export interface PoolDisc {
  readonly writer: Writer;
  /** Without links. */
  readonly target: string;
  /** As it is now. */
  look(): Promise<MediumFacts>;
}

/** Opens the disc of a run; nothing is written. Throws as `createWriter` does. */
export async function poolDisc({ configuration, files, signal }: PoolRun): Promise<PoolDisc> {
  const settings = discSettingsOf(configuration, files);
  const writer = await createDiscWriter(settings);
  const target = nameFromBytes((await realpath(fsPath(settings.targetDevice), 'buffer')) as Buffer);
  return { writer, target, look: () => lookAtMedium(target, { xorriso: settings.xorriso, signal }) };
}
