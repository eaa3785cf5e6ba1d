import { dirname } from 'node:path';
import type { FileOperations } from '../../durable/file-operations.ts';
import { doctorFolder, scratchFolder } from '../../durable/scratch-folder.ts';
import { StowageError } from '../../errors.ts';

/** A folder that Stowage writes to. */
export interface Place {
  readonly what: 'the state folder' | 'the store' | 'the temporary folder';
  readonly path: string;
  /** The folder itself; for the state folder, which is made when it is first needed, else the deepest above it. Undefined if it is not there. */
  existing(): Promise<string | undefined>;
  /** An empty folder on the same disk; made once. Throws where it cannot be made. */
  scratch(): Promise<string>;
  /** Removes what `scratch` made. Idempotent. */
  remove(): Promise<void>;
}

/** A place with a scratch folder of its own. */
export function place(files: FileOperations, what: Place['what'], path: string): Place {
  const existing = async () => {
    if ((await files.lstat(path)) !== undefined) return path;
    return what === 'the state folder' ? deepestFolder(files, dirname(path)) : undefined;
  };
  let made: ReturnType<typeof scratchFolder> | undefined;
  return {
    what,
    path,
    existing,
    async scratch() {
      made ??= existing().then((folder) => {
        if (folder !== undefined) return scratchFolder(files, folder, doctorFolder);
        throw new StowageError('unavailable', 'it does not exist', {
          facts: { path },
        });
      });
      return (await made).path;
    },
    async remove() {
      await (await made?.catch(() => undefined))?.remove();
    },
  };
}

async function deepestFolder(files: FileOperations, path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if (at === dirname(at) || (await files.lstat(at)) !== undefined) return at;
  }
}
