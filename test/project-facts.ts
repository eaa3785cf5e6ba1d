import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Damage } from '../src/catalog/archive-record.ts';
import { openCatalog } from '../src/catalog/catalog.ts';
import { readJournal } from '../src/catalog/journal-reader.ts';
import { journalPath, runsOf } from '../src/catalog/state-folder.ts';
import { isTemporaryName } from '../src/durable/temporary-name.ts';
import type { Manifest } from '../src/model/manifest.ts';
import { identityOf, type Project } from '../src/verbs/project.ts';
import { type SmallProject, section } from './small-project.ts';

/** The SHA-256 of every file below a folder, by its path in it; '' for a directory. */
export function filesBelow(folder: string, above = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const child of readdirSync(join(folder, above), { withFileTypes: true })) {
    const path = join(above, child.name);
    if (child.isDirectory()) Object.assign(found, filesBelow(folder, path));
    else if (child.isSymbolicLink()) found[path] = 'a link';
    else
      found[path] = createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex');
  }
  return found;
}

/** The archives of the store, by key: the digests of their bytes. */
export function archivesIn(small: SmallProject): Record<string, string> {
  return Object.fromEntries(Object.entries(filesBelow(small.vault)).filter(([key]) => !key.startsWith('.stowage/')));
}

/**
 * What killed runs can leave: waiting files and folders of the store, temporary files of the state folder, locks. What a lock is
 * made from and taken over with is no part of it: it is small, and not easily told from what another process is just writing. Nor is
 * what a scan left: the next one removes it when the process that made it is gone.
 */
export function leftovers(small: SmallProject): readonly string[] {
  const waiting = join(small.vault, '.stowage/tmp');
  const inState = existsSync(small.state) ? Object.keys(filesBelow(small.state)) : [];
  return [
    ...(existsSync(waiting) ? readdirSync(waiting, { recursive: true }).map(String) : []),
    ...inState.filter(
      (path) => path === `lock/${section}.json` || (!/^(lock|listing)\//.test(path) && isTemporary(path)),
    ),
  ];
}

function isTemporary(path: string): boolean {
  return path.startsWith('rebuilding/') || isTemporaryName(path.slice(path.lastIndexOf('/') + 1));
}

/** The catalog, but for what differs between two runs that did the same: names and times of runs, versions of objects. */
export async function catalogOf(project: Project) {
  const catalog = await openCatalog(project.state, section, identityOf(project));
  const archives: Record<string, { manifest: Manifest; damage: Damage | undefined }> = {};
  for (const [key, record] of [...catalog.archives].sort(([a], [b]) => (a < b ? -1 : 1)))
    archives[key] = { manifest: await catalog.manifestOf(record), damage: record.damage };
  return { archives, pending: catalog.pending.map((one) => one.key) };
}

/** How often each archive was recorded, by key, over all journals. */
export async function timesRecorded(project: Project): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const run of await runsOf(project.state, section)) {
    for await (const batch of readJournal(journalPath(project.state, section, run))) {
      for (const record of batch) if (record.kind === 'recorded') times[record.key] = (times[record.key] ?? 0) + 1;
    }
  }
  return times;
}

/** After a simulated kill this process still lives; its locks now say what the system would: that their holder is gone. */
export function buryHolder(small: SmallProject, gonePid: number): void {
  const locks = join(small.state, 'lock');
  for (const name of existsSync(locks) ? readdirSync(locks) : []) {
    if (isTemporaryName(name)) continue;
    const holder = JSON.parse(readFileSync(join(locks, name), 'utf8'));
    writeFileSync(join(locks, name), `${JSON.stringify({ ...holder, pid: gonePid })}\n`);
  }
}
