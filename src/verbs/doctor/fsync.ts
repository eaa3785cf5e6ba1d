import { fileError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type Check, ok, warning } from './check.ts';
import { eachScratch } from './each-scratch.ts';

/** That a file and its name can be made durable, and how long that takes: every archive and every step of a run waits for it. */
export const fsyncCheck: Check = {
  name: 'fsync',
  async *examine(patient) {
    for await (const { what, path, folder } of eachScratch(patient)) {
      if (what === 'the temporary folder') continue;
      const name = `${what} '${displayName(path)}'`;
      const began = performance.now();
      let folders: boolean;
      try {
        const file = await patient.files.open(`${folder}/to-sync`, 'wx');
        await file
          .write(Buffer.alloc(4096))
          .then(() => file.sync())
          .finally(() => file.close());
        folders = await patient.syncsFolder(folder);
      } catch (error) {
        throw fileError(`cannot make a file durable in ${name}`, error);
      }
      const milliseconds = performance.now() - began;
      const text = `${milliseconds.toFixed(1)} ms for a file and its name`;
      if (!folders) {
        yield warning(
          `${name}: its file system cannot make names durable`,
          'after the machine has gone down, run archive and verify --level size again',
        );
      } else if (milliseconds > 1000)
        yield warning(`${name}: ${text}`, 'small archives will be slow; is the disk busy, or ill?');
      else yield ok(`${name}: ${text}`);
    }
  },
};
