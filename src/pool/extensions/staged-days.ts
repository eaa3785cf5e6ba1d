import { type Dirent, readdirSync } from 'node:fs';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import { withoutSlash } from '../collect/exclusions.ts';
import { dayFolders } from '../day-folders.ts';
import { indicators, indicatorTime, isIndicator } from '../indicators.ts';
import type { PoolRun } from '../pool-run.ts';

/** The days that are staged and do not have this indicator yet, the oldest first: `YYYY/MM/DD` and their directories. */
export async function* stagedDays(
  run: PoolRun,
  lacking: string,
): AsyncGenerator<{ readonly day: string; readonly folder: string }> {
  const { stage } = run.configuration;
  if (stage === undefined) throw new StowageError('configuration', 'there is no section stage');
  const staging = withoutSlash(stage.stagingDir);
  // Where nothing is, nothing can be seen to be done.
  if ((await run.files.lstat(staging)) === undefined)
    throw new StowageError('unavailable', `cannot look at '${displayName(staging)}': it does not exist`);
  for (const day of await dayFolders(staging)) {
    const folder = `${staging}/${day}`;
    if ((await indicatorTime(run.files, folder, indicators.stage)) === undefined) continue;
    if ((await indicatorTime(run.files, folder, lacking)) === undefined) yield { day, folder };
  }
}

/** All files below a directory that are no indicators, in order; links are not followed, and are none. */
export function* filesBelow(folder: string): Generator<string> {
  for (const entry of entriesOf(folder)) {
    const name = nameFromBytes(entry.name);
    const path = `${folder}/${name}`;
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() && !isIndicator(name)) yield path;
  }
}

function entriesOf(folder: string): readonly Dirent<Buffer>[] {
  try {
    const entries = readdirSync(fsPath(folder), { withFileTypes: true, encoding: 'buffer' });
    return entries.sort((one, other) => Buffer.compare(one.name, other.name));
  } catch (error) {
    throw fileError(`cannot look at '${displayName(folder)}'`, error);
  }
}
