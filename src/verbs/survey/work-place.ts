import { tmpdir } from 'node:os';
import { workParent } from '../../catalog/state-folder.ts';
import { makeFolder } from '../../durable/folder.ts';
import { type ScratchFolder, scratchFolder, workFolder } from '../../durable/scratch-folder.ts';
import { temporaryFolder } from '../../durable/temporary-folder.ts';
import { isStowageError } from '../../errors.ts';
import type { Project } from '../project.ts';

/** A place on disk for what does not fit in memory, made when it is first needed. */
export interface WorkPlace {
  folder(): Promise<string>;
  /** Removes it. Idempotent. */
  close(): Promise<void>;
}

/** A place in the state folder; who may not write there, and only looks, gets one among the temporary files of the system. */
export function workPlace(project: Project): WorkPlace {
  let made: Promise<ScratchFolder> | undefined;
  return {
    async folder() {
      made ??= make(project);
      return (await made).path;
    },
    async close() {
      await (await made)?.remove();
      made = undefined;
    },
  };
}

/** Anything else that fails is trouble, and trouble is told. */
const notAllowed = new Set(['EACCES', 'EPERM', 'EROFS']);

async function make({ files, state }: Project): Promise<ScratchFolder> {
  try {
    const parent = workParent(state);
    await makeFolder(files, parent);
    return await scratchFolder(files, parent, workFolder);
  } catch (error) {
    if (!isStowageError(error) || !notAllowed.has(String(error.facts.errno))) throw error;
    return temporaryFolder(tmpdir());
  }
}
