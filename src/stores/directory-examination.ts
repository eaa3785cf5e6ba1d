import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import type { FileOperations } from '../durable/file-operations.ts';
import { makeFolder } from '../durable/folder.ts';
import { realFiles } from '../durable/real-files.ts';
import { doctorFolder, type ScratchFolder, scratchFolder } from '../durable/scratch-folder.ts';
import { fileError, plainReason, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import { percentEncode } from '../model/percent.ts';
import { parentOf } from '../model/relative-path.ts';
import type { Diagnosis, StoreExamination } from '../store/examination.ts';
import { directoryStore } from './directory.ts';
import { requireRoot } from './seen-object.ts';
import { waitingFolder } from './waiting-files.ts';

/** How a directory store is examined: in the folder where files wait, which no listing enters. */
export function directoryExamination(root: string, files: FileOperations = realFiles): StoreExamination {
  const waiting = `${root}/${waitingFolder}`;
  return {
    folder: root,
    checks: [{ name: 'store-folders', examine: () => foldersOf(root) }],
    async scratch() {
      await requireRoot(root, `dir:${percentEncode(root, '/-_.~')}`);
      const made = await absentOf(files, [waiting, `${root}/${parentOf(waitingFolder)}`]);
      await makeFolder(files, waiting);
      // Whoever stores something meanwhile has put a file into them, and they stay.
      const removeMade = async () => {
        for (const folder of made) await files.rmdir(folder).catch(ignoreKept);
      };
      let scratch: ScratchFolder | undefined;
      const remove = async () => {
        await scratch?.remove();
        await removeMade();
      };
      try {
        scratch = await scratchFolder(files, waiting, doctorFolder);
        const { path } = scratch;
        await files.mkdir(`${path}/store`);
        await files.mkdir(`${path}/beside`);
        return {
          folder: `${path}/beside`,
          open: async () => directoryStore(`${path}/store`, files),
          remove,
        };
      } catch (error) {
        // The first error is the one that matters.
        await remove().catch(() => undefined);
        throw fileError(`cannot try the store in '${displayName(waiting)}'`, error);
      }
    },
  };
}

/** An archive gets its name in the folder of its section: each must be writable, and so must the top, for new sections. */
async function foldersOf(root: string): Promise<readonly Diagnosis[]> {
  const children = await readdir(fsPath(root), { withFileTypes: true, encoding: 'buffer' }).catch(ignoreAbsent);
  if (children === undefined) return [];
  const folders = [
    root,
    ...children.filter((one) => one.isDirectory()).map((one) => `${root}/${nameFromBytes(one.name)}`),
  ];
  const refused: Diagnosis[] = [];
  for (const folder of folders) {
    try {
      await access(fsPath(folder), constants.W_OK | constants.X_OK);
    } catch (error) {
      refused.push({
        outcome: 'problem',
        found: `no archive can get its name in '${displayName(folder)}': ${plainReason(error)}`,
        advice: 'make it writable for the user who archives',
      });
    }
  }
  return refused.length > 0
    ? refused
    : [{ outcome: 'ok', found: 'archives can get their names in the folders of all sections' }];
}

/** That the store is not there, or cannot be read at all, was told before. */
function ignoreAbsent(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
}

async function absentOf(files: FileOperations, folders: readonly string[]): Promise<readonly string[]> {
  const absent: string[] = [];
  for (const folder of folders) {
    const found = await files.lstat(folder).catch((error: unknown) => {
      throw fileError(`cannot look at '${displayName(folder)}'`, error);
    });
    if (found === undefined) absent.push(folder);
  }
  return absent;
}

function ignoreKept(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) throw error;
}
