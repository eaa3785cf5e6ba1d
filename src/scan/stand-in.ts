import { closeSync, constants, openSync, statSync } from 'node:fs';
import { isUtf8Name } from '../model/byte-name.ts';

/**
 * Has the process stand in a folder until the function that it returns is called: what lies below is then looked at from there, and the kernel need not come down to it for each name, which is a tenth
 * of what a scan takes of the kernel. All threads stand there, and so does whatever else goes by relative paths meanwhile: it is for commands, which know what goes on.
 * Undefined where that cannot be done, or where one could not come back to the folder that it stood in, by whatever name that has by then.
 */
export function standIn(folder: string): (() => void) | undefined {
  // There is no other way to say a name here than as a text.
  if (!isUtf8Name(folder)) return undefined;
  let back: number | undefined;
  try {
    back = openSync('.', constants.O_RDONLY | constants.O_DIRECTORY);
    const before = `/proc/self/fd/${back}`;
    const stood = placeOf('.');
    process.chdir(before);
    if (placeOf('.') === stood) {
      const open = back;
      back = undefined;
      return enter(folder, () => {
        process.chdir(before);
        closeSync(open);
      });
    }
  } catch {
    // Where it is not to be had, all goes by whole paths.
  }
  if (back !== undefined) closeSync(back);
  return undefined;
}

function enter(folder: string, leave: () => void): (() => void) | undefined {
  try {
    const wanted = placeOf(folder);
    process.chdir(folder);
    if (placeOf('.') === wanted) return leave;
  } catch {
    // Whoever looks at it will be told.
  }
  leave();
  return undefined;
}

function placeOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}
