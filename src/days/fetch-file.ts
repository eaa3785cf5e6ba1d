import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { workParent } from '../catalog/state-folder.ts';
import { makeFolder } from '../durable/folder.ts';
import { scratchFolder } from '../durable/scratch-folder.ts';
import { StowageError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import type { Project, VerbOptions } from '../verbs/project.ts';
import { restore } from '../verbs/restore/restore.ts';

/** Brings one file of a day back into a folder of its own, and gives what it holds; the folder goes with the stream. Throws `missing` if it is not to be had. */
export async function fetchFile(
  project: Project,
  day: string,
  path: string,
  options: Pick<VerbOptions, 'signal'>,
): Promise<Readable> {
  const { files } = project;
  const parent = workParent(project.state);
  await makeFolder(files, parent);
  const scratch = await scratchFolder(files, parent, '.stowage-fetch-');
  try {
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    let target: string | undefined;
    let problem: string | undefined;
    for await (const event of restore(project, day, { paths: [path], to: scratch.path, ...signal })) {
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
