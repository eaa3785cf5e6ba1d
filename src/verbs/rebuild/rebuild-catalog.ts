import { readFile, rm } from 'node:fs/promises';
import { openCatalog } from '../../catalog/catalog.ts';
import { journalFolder, journalPath, lockPath, runsOf, type StateFolder } from '../../catalog/state-folder.ts';
import type { FileOperations } from '../../durable/file-operations.ts';
import { makeFolder, settleFolder } from '../../durable/folder.ts';
import { acquireLock, type Lock } from '../../durable/lock.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { fileError, systemCode } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import { parentOf } from '../../model/relative-path.ts';
import { severityOf } from '../../plan/finding.ts';
import { heal } from '../archive/heal.ts';
import { recordAdopted } from '../archive/record-adopted.ts';
import type { Event } from '../events.ts';
import { identityOf, type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import { runJournal } from '../run-journal.ts';
import { archivesOf, boundedFates } from '../survey/bounded-fates.ts';
import { heldObjects, listObjects } from '../survey/held-objects.ts';
import { workPlace } from '../survey/work-place.ts';
import { bringJournals } from './bring-journals.ts';
import { refuseOtherStores } from './refuse-other-stores.ts';

/**
 * Makes the record anew from the store alone: the copies of the journals there, and the archives themselves where no journal
 * explains them. What was in the state folder is set aside below `replaced/`, never deleted. Takes the lock of every section.
 */
export async function* rebuildCatalog(project: Project, options: VerbOptions = {}): AsyncGenerator<Event> {
  const locks: Lock[] = [];
  try {
    for (const section of project.configuration.sections.keys()) {
      const path = lockPath(project.state, section);
      await makeFolder(project.files, parentOf(path));
      locks.push(await acquireLock(project.files, path, { command: 'rebuild-catalog', clock: project.clock }));
    }
    await refuseOtherStores(project, options);
    const fresh: StateFolder = { path: `${project.state.path}/rebuilding` };
    await clear(project, fresh);
    for (const section of project.configuration.sections.keys())
      await makeFolder(project.files, journalFolder(fresh, section));
    yield* bringJournals(project, fresh, options);
    await putInPlace(project, fresh);
    for (const section of project.configuration.sections.keys()) yield* learn(project, section, options);
  } catch (error) {
    throw fileError(`cannot rebuild the record in '${project.state.path}'`, error);
  } finally {
    await releaseAll(locks);
  }
}

/** Gives every lock back, whichever of them cannot be; then throws why. */
async function releaseAll(locks: readonly Lock[]): Promise<void> {
  const released = await Promise.allSettled(locks.map((lock) => lock.release()));
  for (const one of released) if (one.status === 'rejected') throw one.reason;
}

/** Removes what a rebuild of these sections was making: that of others belongs to another configuration, which may be at work. */
async function clear({ configuration, files }: Project, fresh: StateFolder): Promise<void> {
  for (const section of configuration.sections.keys())
    await rm(fsPath(journalFolder(fresh, section)), { recursive: true, force: true });
  for (const path of [`${fresh.path}/journal`, fresh.path]) {
    await files.rmdir(path).catch((error: unknown) => {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
    });
  }
}

/**
 * Each journal is set aside under a second name, then replaced or removed, one by one. So at every moment all that is known stands
 * in the journal folder, as it was or as it will be: killed in between, neither the next rebuild nor any other run misses anything.
 * Sections that the configuration has not stay as they are: they are not locked, and may be another's.
 */
async function putInPlace(project: Project, fresh: StateFolder): Promise<void> {
  const { files, state } = project;
  const aside = { path: `${state.path}/replaced/${project.clock.now().toISOString().replace(/[-:]/g, '')}` };
  const old = new Map<string, readonly string[]>();
  for (const section of project.configuration.sections.keys()) {
    old.set(section, await runsOf(state, section));
    if (old.get(section)!.length === 0) continue;
    await makeFolder(files, journalFolder(aside, section));
    for (const run of old.get(section)!)
      await setAside(files, journalPath(state, section, run), journalPath(aside, section, run));
    await files.syncFolder(journalFolder(aside, section));
  }
  for (const section of project.configuration.sections.keys()) {
    await settleFolder(files, journalFolder(state, section), state.path);
    const runs = await runsOf(fresh, section);
    for (const run of runs) await files.rename(journalPath(fresh, section, run), journalPath(state, section, run));
    await files.syncFolder(journalFolder(state, section));
    const removed = (old.get(section) ?? []).filter((run) => !runs.includes(run));
    await removeAll(files, state, section, removed);
  }
  await clear(project, fresh);
}

/** A second name, or a copy where the file system has no second names. */
async function setAside(files: FileOperations, from: string, to: string): Promise<void> {
  try {
    await files.link(from, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) throw error;
    await writeWhole(files, to, await readFile(fsPath(from)), { replace: false });
  }
}

async function removeAll(files: FileOperations, state: StateFolder, section: string, runs: readonly string[]) {
  for (const run of runs) await files.unlink(journalPath(state, section, run));
  if (runs.length > 0) await files.syncFolder(journalFolder(state, section));
}

/** Heals what killed runs left, and adopts what no journal explains. */
async function* learn(project: Project, section: string, options: VerbOptions): AsyncGenerator<Event> {
  const fates = boundedFates(sectionOf(project, section));
  const journal = runJournal(project, section, 'rebuild-catalog');
  const work = workPlace(project);
  try {
    yield* heal(project, section, journal);
    const before = await openCatalog(project.state, section, identityOf(project));
    const objects = await heldObjects(project, before, await listObjects(project, before, signalOf(options)), {
      ...signalOf(options),
      entriesOf: () => [],
      archivesOf: (paths) => archivesOf(fates, paths),
      work,
    });
    for (const finding of objects.findings) yield { kind: 'finding', section, severity: severityOf(finding), finding };
    await recordAdopted(project, section, objects.adopted, journal);
    await journal.end();
  } finally {
    await journal.close();
    await work.close();
  }
  const { archives } = await openCatalog(project.state, section, identityOf(project));
  const members = [...archives.values()].reduce((sum, record) => sum + record.head.contentMembers, 0);
  const adopted = [...archives.values()].filter((record) => record.head.adopted).length;
  yield { kind: 'rebuilt', section, archives: archives.size, adopted, members };
}
