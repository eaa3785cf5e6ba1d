import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { openCatalog } from '../catalog/catalog.ts';
import { workParent } from '../catalog/state-folder.ts';
import { makeFolder } from '../durable/folder.ts';
import { scratchFolder } from '../durable/scratch-folder.ts';
import { StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { WhichFile } from '../pool/archives/day-archives.ts';
import { identityOf, type Project, type VerbOptions } from '../verbs/project.ts';
import { restore } from '../verbs/restore/restore.ts';
import { inOrder, withDigests } from './day-holdings.ts';
import { isArchiveOf } from './day-names.ts';

/**
 * Brings one file of a day back into a folder of its own, and gives what it holds; the folder goes with the stream. Where archives have several of the name, that of the size and digest in `which` is brought, else the
 * newest. Throws `missing` if it is not to be had.
 */
export async function fetchFile(
  project: Project,
  day: string,
  path: string,
  { which, ...signal }: Pick<VerbOptions, 'signal'> & { readonly which?: WhichFile | undefined },
): Promise<Readable> {
  const { files } = project;
  const parent = workParent(project.state);
  await makeFolder(files, parent);
  const scratch = await scratchFolder(files, parent, '.stowage-fetch-');
  try {
    const archive = await archiveWith(project, day, path, which);
    let target: string | undefined;
    let problem: string | undefined;
    for await (const event of restore(project, day, { paths: [path], to: scratch.path, ...archive, ...signal })) {
      if (event.kind !== 'restored') continue;
      if (event.restored.outcome === 'restored') target = event.restored.target;
      else problem = event.restored.problem ?? event.restored.outcome;
    }
    if (target === undefined) {
      throw new StowageError(
        'missing',
        `'${displayName(path)}' of ${day} cannot be had from ${project.store.location}: ${problem ?? 'it is not recorded there'}`,
      );
    }
    const stream = createReadStream(fsPath(target), { highWaterMark: 1024 * 1024 });
    stream.once('close', () => void scratch.remove().catch(() => undefined));
    return stream;
  } catch (error) {
    await scratch.remove().catch(() => undefined);
    throw error;
  }
}

/** The archive that has that very file, the newest of several; nothing if there is no choice, or none has it: then the newest of the name is as good as any, and compared with what was recorded. */
async function archiveWith(
  project: Project,
  day: string,
  path: string,
  which: WhichFile | undefined,
): Promise<{ readonly archive?: string }> {
  if (which?.sha256 === undefined) return {};
  const catalog = await openCatalog(project.state, day, identityOf(project));
  const peer = path.slice(0, path.indexOf('/'));
  const records = inOrder(catalog.archives.values()).filter(({ head }) => isArchiveOf(day, peer, head.key));
  if (records.length < 2) return {};
  for (const record of records.toReversed()) {
    const members = withDigests(await catalog.manifestOf(record));
    const isThere = members.some(
      (one) => one.path === path && one.bytes === which.bytes && one.sha256 === which.sha256,
    );
    if (isThere) return { archive: record.head.key };
  }
  return {};
}
