import { isUtf8Name, nameToBytes } from '../model/byte-name.ts';
import { findProgram } from '../programs/find-program.ts';
import { runProgram } from '../programs/run-program.ts';

/**
 * Asks the system to forget what it remembers of a file or device, so that the next reading is of the medium. It is a request (posix_fadvise,
 * through GNU dd): a file system that lies in memory, or another dd, has no way to follow it.
 */
export async function forgetCached(path: string, signal?: AbortSignal): Promise<void> {
  if (findProgram('dd') === undefined || !isUtf8Name(path) || nameToBytes(path).length === 0) return;
  await runProgram('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], {
    successStatuses: [0, 1],
    ...(signal === undefined ? {} : { signal }),
  });
}
