import { linksRefused } from '../../durable/publish-file.ts';
import { systemCode } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { type Check, ok, warning } from './check.ts';
import { eachScratch } from './each-scratch.ts';

/** Hard links: by them a new file takes its name without ever replacing another. */
export const linksCheck: Check = {
  name: 'hard-links',
  async *examine(patient) {
    const { files } = patient;
    for await (const { what, path, folder } of eachScratch(patient)) {
      if (what === 'the temporary folder') continue;
      const name = `${what} '${displayName(path)}'`;
      const file = `${folder}/to-link`;
      await (await files.open(file, 'wx')).close();
      try {
        await files.link(file, `${folder}/linked`);
        yield ok(`${name}: its file system has hard links`);
      } catch (error) {
        if (!linksRefused.includes(systemCode(error) ?? '')) throw error;
        yield warning(
          `${name}: its file system has no hard links; names are reserved by an empty file and renamed over`,
          'nothing to do; but a run that is killed at this moment leaves an empty file, and the next one says so',
        );
      }
    }
  },
};
