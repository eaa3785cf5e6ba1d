import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';

/** A folder among the temporary files of the system, for what nobody needs after us. */
export interface TemporaryFolder {
  readonly path: string;
  /** Writes a new file into it, and gives its path. */
  readonly write: (name: string, bytes: Uint8Array) => Promise<string>;
  /** Removes it with all that is in it. Idempotent. */
  readonly remove: () => Promise<void>;
}

/** A fresh folder, for its owner alone; what a killed process leaves there, the system removes. */
export async function temporaryFolder(above: string): Promise<TemporaryFolder> {
  const hint = 'name another place with TMPDIR=DIR';
  try {
    const path = await mkdtemp(`${above}/stowage-`);
    return {
      path,
      async write(name, bytes) {
        const file = `${path}/${name}`;
        await writeFile(fsPath(file), bytes, { flag: 'wx' }).catch((error: unknown) => {
          throw fileError(`cannot write to '${displayName(path)}'`, error, hint);
        });
        return file;
      },
      remove: () => rm(fsPath(path), { recursive: true, force: true }),
    };
  } catch (error) {
    throw fileError(`cannot make a folder in '${displayName(above)}'`, error, hint);
  }
}
