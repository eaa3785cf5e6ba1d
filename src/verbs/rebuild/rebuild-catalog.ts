import { rm } from 'node:fs/promises';
import { openCatalog } from '../../catalog/catalog.ts';
import { journalFolder, lockPath, type StateFolder } from '../../catalog/state-folder.ts';
import { makeFolder } from '../../durable/folder.ts';
import { acquireLock, type Lock } from '../../durable/lock.ts';
import { fileError } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import { contentMembers } from '../../model/manifest.ts';
import { parentOf } from '../../model/relative-path.ts';
import { severityOf } from '../../plan/finding.ts';
import { ruleSet } from '../../rules/rule-set.ts';
import { heal } from '../archive/heal.ts';
import { recordAdopted } from '../archive/record-adopted.ts';
import type { Event } from '../events.ts';
import { identityOf, type Project, sectionOf, signalOf, type VerbOptions } from '../project.ts';
import { runJournal } from '../run-journal.ts';
import { heldObjects } from '../survey/held-objects.ts';
import { bringJournals } from './bring-journals.ts';

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
    const fresh: StateFolder = { path: `${project.state.path}/rebuilding` };
    await rm(fsPath(fresh.path), { recursive: true, force: true });
    for (const section of project.configuration.sections.keys())
      await makeFolder(project.files, journalFolder(fresh, section));
    yield* bringJournals(project, fresh, options);
    await putInPlace(project, fresh);
    await project.files.rmdir(fresh.path);
    for (const section of project.configuration.sections.keys()) yield* learn(project, section, options);
  } catch (error) {
    throw fileError(`cannot rebuild the record in '${project.state.path}'`, error);
  } finally {
    for (const lock of locks) await lock.release();
  }
}

/** Two renames; killed between them, the next rebuild starts from the store again. */
async function putInPlace(project: Project, fresh: StateFolder): Promise<void> {
  const { files, state } = project;
  const journals = `${state.path}/journal`;
  if ((await files.lstat(journals)) !== undefined) {
    const aside = `${state.path}/replaced/${project.clock.now().toISOString().replace(/[-:]/g, '')}`;
    await makeFolder(files, aside);
    await files.rename(journals, `${aside}/journal`);
    await files.syncFolder(aside);
  }
  await files.rename(`${fresh.path}/journal`, journals);
  await files.syncFolder(state.path);
}

/** Heals what killed runs left, and adopts what no journal explains. */
async function* learn(project: Project, section: string, options: VerbOptions): AsyncGenerator<Event> {
  const rules = ruleSet(sectionOf(project, section));
  const archiveOf = (path: string) => {
    const fate = rules.fateOf(path);
    return fate.kind === 'archived' ? fate.archive : undefined;
  };
  const journal = runJournal(project, section, 'rebuild-catalog');
  try {
    yield* heal(project, section, journal);
    const before = await openCatalog(project.state, section, identityOf(project));
    const objects = await heldObjects(project, before, { ...signalOf(options), archives: new Map(), archiveOf });
    for (const finding of objects.findings) yield { kind: 'finding', section, severity: severityOf(finding), finding };
    await recordAdopted(project, objects.adopted, journal);
    await journal.end();
  } finally {
    await journal.close();
  }
  const { archives } = await openCatalog(project.state, section, identityOf(project));
  const members = [...archives.values()].reduce((sum, record) => sum + contentMembers(record.manifest).length, 0);
  const adopted = [...archives.values()].filter((record) => record.manifest.adopted).length;
  yield { kind: 'rebuilt', section, archives: archives.size, adopted, members };
}
