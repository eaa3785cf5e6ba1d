import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder } from '../../durable/folder.ts';
import { realFiles } from '../../durable/real-files.ts';
import { fileError, StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type Clock, systemClock } from '../../model/clock.ts';
import { parentOf } from '../../model/relative-path.ts';
import type { PoolConfiguration } from '../configuration/pool-configuration.ts';
import { ownerOf } from '../owner.ts';
import type { Ownership, Peer } from '../peers/peer.ts';
import { calendarDay, dayPath } from '../week.ts';

/** The directory of a day, `YYYY/MM/DD` below the staging directory; today's by the clock. Throws `configuration` if there is no section stage. */
export function getDailyDir(configuration: PoolConfiguration, clock: Clock = systemClock): string {
  return `${stagingDirOf(configuration)}/${dayPath(calendarDay(clock.now()))}`;
}

/** The staging directory. Throws `configuration` if there is no section stage. */
export function stagingDirOf({ stage }: PoolConfiguration): string {
  if (stage === undefined) {
    throw new StowageError('configuration', 'the configuration has no section stage', {
      hint: 'it says where the files of the peers go',
    });
  }
  return stage.stagingDir === '/' ? '' : stage.stagingDir.replace(/\/+$/, '');
}

/** Makes the directory of a day and what is missing above it; year, month and day that are new belong to the owner. */
export async function makeDay(files: FileOperations, dailyDir: string, owner: Ownership | undefined): Promise<void> {
  const month = parentOf(dailyDir);
  for (const folder of [parentOf(month), month, dailyDir]) {
    const found = await files.lstat(folder);
    if (found?.isDirectory()) continue;
    if (found !== undefined)
      throw new StowageError('exists', `'${displayName(folder)}' is in the way: it is not a folder`);
    await makeFolder(files, folder);
    try {
      if (owner !== undefined) await files.setAttributes(folder, { owner });
    } catch (error) {
      throw fileError(`cannot give '${displayName(folder)}' away`, error);
    }
  }
}

/** Makes the directory of a day, and one in it for each peer, as Cedar Backup does; gives them by the peers' names. `executeStage` lets only whole peers in. */
export async function createStagingDirs(
  configuration: PoolConfiguration,
  dailyDir: string,
  peers: readonly Peer[],
  files: FileOperations = realFiles,
): Promise<ReadonlyMap<string, string>> {
  const owner = await ownerOf(configuration.options);
  await makeDay(files, dailyDir, owner);
  const folders = new Map(peers.map(({ name }) => [name, `${dailyDir}/${name}`]));
  for (const folder of folders.values()) {
    if ((await files.lstat(folder)) !== undefined) continue;
    await makeFolder(files, folder);
    if (owner !== undefined) await files.setAttributes(folder, { owner });
  }
  return folders;
}
