import { release } from 'node:os';
import { isUtf8Name } from '../model/byte-name.ts';
import { findProgram } from '../programs/find-program.ts';
import { runProgram } from '../programs/run-program.ts';

/** From this many files on, one syncfs(2) is a hundred times as quick as as many fsyncs. */
export const fewFiles = 32;

/** True if all that lies on the file system of a folder can be made durable in one step that tells of failures: before Linux 5.8 syncfs(2) told nobody of what could not be written. */
export function syncsFileSystem(folder: string): boolean {
  hasSync ??= seesSync();
  return hasSync && isUtf8Name(folder);
}

let hasSync: boolean | undefined;

function seesSync(): boolean {
  if (process.platform !== 'linux') return false;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return (major > 5 || (major === 5 && minor >= 8)) && findProgram('sync') !== undefined;
}

/** Resolved = all that was written on the file system of this folder is durable; what others wrote there is waited for too. Only where `syncsFileSystem`. */
export async function syncFileSystem(folder: string): Promise<void> {
  // coreutils' `sync -f` is syncfs(2), and its status tells of what could not be written.
  await runProgram('sync', ['-f', folder]);
}
