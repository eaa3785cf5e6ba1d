import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { blockSource } from '../../disc/block-source.ts';
import { lookAtMedium, type MediumFacts } from '../../disc/look-at-medium.ts';
import { readContent } from '../../disc/read-content.ts';
import { isStowageError, StowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes, nameFromJson } from '../../model/byte-name.ts';
import { baseOf, parentOf } from '../../model/relative-path.ts';
import { asideNames } from '../discs/set-aside.ts';
import type { PoolRun } from '../pool-run.ts';
import type { StoredDisc } from '../stored/stored-record.ts';

/** The discs that can be read now. */
export interface DiscShelf {
  /** Where a disc is now; undefined if it is not found. */
  find(disc: StoredDisc): Promise<string | undefined>;
  /** What a file on it holds, by its path there. Throws `missing`, naming the disc, if it is not found or does not show the file. */
  content(disc: StoredDisc, path: string): Promise<Readable>;
}

/** Looks for discs under the name that was given, in the drive or image where they were written, among the images that were set aside there, and in the drive or image of the configuration. */
export function discShelf({ configuration, signal }: PoolRun, given: string | undefined): DiscShelf {
  const seen = new Map<string, Promise<MediumFacts | undefined>>();
  const xorriso = configuration.options.overrides.get('xorriso');
  const lookAt = (path: string) => {
    if (!seen.has(path)) seen.set(path, factsOf(path, { xorriso, signal }));
    return seen.get(path)!;
  };
  const found = new Map<string, string | undefined>();
  const find: DiscShelf['find'] = async (disc) => {
    const key = `${disc.label} ${disc.begun}`;
    if (found.has(key)) return found.get(key);
    const places = [
      ...(given === undefined ? [] : [given]),
      ...(await imagesBeside(nameFromJson(disc.target))),
      ...(configuration.store?.disc === undefined ? [] : [configuration.store.disc.targetDevice]),
    ];
    for (const place of places) {
      const begun = (await lookAt(place))?.begun;
      if (begun?.label !== disc.label || begun.at !== disc.begun) continue;
      found.set(key, place);
      return place;
    }
    found.set(key, undefined);
    return undefined;
  };
  return {
    find,
    async content(disc, path) {
      const place = await find(disc);
      if (place === undefined) throw notHere(disc, path);
      const entry = (await lookAt(place))?.shown.get(path);
      if (entry?.type !== 'file')
        throw new StowageError('missing', `'${displayName(path)}' is not in '${displayName(place)}'`);
      const source = await blockSource(place);
      const stream = Readable.from(readContent(source, entry, signal), { objectMode: false });
      stream.once('close', () => void source.close().catch(() => undefined));
      return stream;
    },
  };
}

/** Says which disc has to be brought. */
function notHere({ label, target }: StoredDisc, path: string): StowageError {
  const place = displayName(nameFromJson(target));
  return new StowageError(
    'missing',
    `'${displayName(path)}' is on the disc [${label}], which is not in '${place}' now`,
    {
      hint: 'put it in, or name the image: --medium PATH',
    },
  );
}

async function factsOf(path: string, options: Parameters<typeof lookAtMedium>[1]): Promise<MediumFacts | undefined> {
  try {
    return await lookAtMedium(path, options);
  } catch (error) {
    // It is not there, or nothing that can be read: then it is not the one.
    if (isStowageError(error, 'missing', 'unavailable', 'corrupt', 'program', 'refused')) return undefined;
    throw error;
  }
}

/** The image itself, and those that were set aside beside it, the newest name first. */
async function imagesBeside(target: string): Promise<readonly string[]> {
  const { stem, ending } = asideNames(target);
  const folder = parentOf(target);
  // A folder that cannot be looked at has no images to offer.
  const names = await readdir(fsPath(folder === '' ? '/' : folder), 'buffer').catch(() => []);
  const aside = names
    .map(nameFromBytes)
    .filter((name) => name.startsWith(`${baseOf(stem)}-`) && name.endsWith(ending) && ending !== '');
  return [
    target,
    ...aside
      .sort()
      .reverse()
      .map((name) => `${folder}/${name}`),
  ];
}
