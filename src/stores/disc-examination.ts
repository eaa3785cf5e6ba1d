import { dirname } from 'node:path';
import { blockSource } from '../disc/block-source.ts';
import { checkHead, checkSession } from '../disc/checksum-tags.ts';
import { sessionsOf } from '../disc/volume.ts';
import { realFiles } from '../durable/real-files.ts';
import { doctorFolder, scratchFolder } from '../durable/scratch-folder.ts';
import { fileError, StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import type { Diagnosis, StoreExamination } from '../store/examination.ts';
import { type DiscStoreOptions, discStore } from './disc.ts';
import { discPlace } from './disc-place.ts';

/** How a store on a disc is examined: an image, by another one that is made beside it; the disc itself is only looked at. What lies in a drive would keep whatever is tried. */
export function discExamination(path: string, options: DiscStoreOptions): StoreExamination {
  const { files = realFiles, media, xorriso } = options;
  const isDevice = path.startsWith('/dev/');
  const folder = dirname(path);
  const place = discPlace(path, { files, media, xorriso });
  return {
    folder: isDevice ? undefined : folder,
    checks: [
      {
        name: 'disc-structure',
        async examine(call) {
          const { isBlank, starts } = await place.state(call?.signal);
          return isBlank
            ? [{ outcome: 'ok', found: `the disc '${displayName(path)}' is blank` }]
            : structureOf(path, starts, call?.signal);
        },
      },
    ],
    async scratch() {
      if (isDevice)
        throw new StowageError(
          'refused',
          `on the disc in '${displayName(path)}' nothing is tried: it would stay there`,
          {
            hint: 'try an image first: touch /tmp/disc.iso, and "store": "disc:/tmp/disc.iso"',
          },
        );
      await place.state();
      const scratch = await scratchFolder(files, folder, doctorFolder);
      try {
        const image = `${scratch.path}/disc.iso`;
        await (await files.open(image, 'wx')).close();
        await files.mkdir(`${scratch.path}/beside`);
        return {
          folder: `${scratch.path}/beside`,
          open: async () => discStore(image, { files, media, xorriso }),
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

/** The checksums of what leads to the archives: quick, as none of them is read. */
async function structureOf(
  path: string,
  starts: readonly number[] | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly Diagnosis[]> {
  const shown = displayName(path);
  const source = await blockSource(path);
  try {
    const sessions = await sessionsOf(source, starts);
    const newest = sessions.at(-1);
    const advice = `xorriso -indev '${shown}' -check_media -- tells what can still be read`;
    if (newest === undefined) return [{ outcome: 'problem', found: `'${shown}' is neither empty nor an ISO image` }];
    const results = sessions[0]!.start > 0 ? [await checkHead(source)] : [];
    for await (const one of checkSession(source, newest, false, signal)) results.push(one);
    const bad = results.filter(({ state }) => state !== 'match' && state !== undefined);
    if (bad.length === 0)
      return [{ outcome: 'ok', found: `the directories of the disc '${shown}' are what was written` }];
    return bad.map(({ part, state }): Diagnosis => {
      const what = state === 'absent' ? `has no checksum of its ${part}` : `: its ${part} is not what was written`;
      return { outcome: 'problem', found: `the disc '${shown}' ${what}`, advice };
    });
  } finally {
    await source.close();
  }
}
