import { dirname } from 'node:path';
import { makeFolder } from '../durable/folder.ts';
import { realFiles } from '../durable/real-files.ts';
import { doctorFolder, scratchFolder } from '../durable/scratch-folder.ts';
import { fileError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { StoreExamination } from '../store/examination.ts';
import { type DiscStoreOptions, discStore } from './disc.ts';

/** How a store on a disc is examined: by an image of its own, in the folder where archives wait; the disc itself is only looked at. */
export function discExamination(path: string, options: DiscStoreOptions): StoreExamination {
  const { files = realFiles } = options;
  const folder = options.spool ?? dirname(path);
  return {
    folder,
    checks: [],
    async scratch() {
      await discStore(path, options).stat('.stowage/nothing' as never);
      await makeFolder(files, folder);
      const scratch = await scratchFolder(files, folder, doctorFolder);
      try {
        const image = `${scratch.path}/disc.iso`;
        await (await files.open(image, 'wx')).close();
        await files.mkdir(`${scratch.path}/beside`);
        const { spool: _, ...rest } = options;
        return {
          folder: `${scratch.path}/beside`,
          open: async () => discStore(image, rest),
          remove: () => scratch.remove(),
        };
      } catch (error) {
        // The first error is the one that matters.
        await scratch.remove().catch(() => undefined);
        throw fileError(`cannot try a disc in '${displayName(folder)}'`, error);
      }
    },
  };
}
