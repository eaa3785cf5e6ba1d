import { listingsFolder, newRunName, type StateFolder, scansOf } from '../../catalog/state-folder.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeQuickFolder, removeFlatFolder } from '../../durable/folder.ts';
import { holderState, thisHolder } from '../../durable/holder.ts';
import { formatLock, readLock } from '../../durable/lock-holder.ts';
import { writeQuick } from '../../durable/whole-file.ts';
import { readListing } from '../../shards/listing-file.ts';
import type { Project } from '../project.ts';

const holderFile = 'holder.json';

/** A new folder for a listing of the section, held by this process. Rejects with `full` or `unavailable`. */
export async function newScanFolder(project: Project, section: string): Promise<string> {
  const { files, state, clock, random } = project;
  const above = listingsFolder(state, section);
  await makeQuickFolder(files, above);
  const folder = `${above}/${newRunName(clock.now(), random(4), await scansOf(state, section))}`;
  await makeQuickFolder(files, folder);
  await hold(project, folder, section);
  return folder;
}

/** Says that this process uses the listing, so that nobody removes it meanwhile. */
export async function hold({ files, clock, random }: Project, folder: string, section: string): Promise<void> {
  const id = Buffer.from(random(8)).toString('hex');
  const holder = { ...thisHolder(), since: clock.now().toISOString(), command: `scan ${section}`, id };
  await writeQuick(files, `${folder}/${holderFile}`, formatLock(holder));
}

/** Says that this process needs the listing no more. Idempotent. */
export async function letGo(files: FileOperations, folder: string): Promise<void> {
  // Best effort: when we are gone it is nobody's anyway.
  await files.unlink(`${folder}/${holderFile}`).catch(() => undefined);
}

/** Whether the process that made a listing or uses it still lives; `elsewhere` if nobody here can tell. */
export async function stateOfHolder(folder: string): Promise<'alive' | 'dead' | 'elsewhere'> {
  const holder = await readLock(`${folder}/${holderFile}`);
  if (holder === undefined) return 'dead';
  return holder === 'unreadable' ? 'elsewhere' : holderState(holder);
}

/** Removes the section's listings older than this one, but for those that are in use, or may be. */
export async function removeOlder(
  files: FileOperations,
  state: StateFolder,
  section: string,
  kept: string,
): Promise<void> {
  const above = listingsFolder(state, section);
  for (const scan of await scansOf(state, section)) {
    const folder = `${above}/${scan}`;
    if (folder >= kept) return;
    const isLeft = (await stateOfHolder(folder)) === 'dead';
    if (isLeft) await removeFlatFolder(files, folder);
  }
}

/** The newest complete listing of the section, if there is one. Throws `corrupt` if it was damaged. */
export async function newestListing(state: StateFolder, section: string) {
  for (const scan of [...(await scansOf(state, section))].reverse()) {
    const found = await readListing(`${listingsFolder(state, section)}/${scan}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
