import { type DiscMedia, discMedia } from '../disc/media.ts';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';

/** A kind of media by its name in a configuration. Throws `configuration` for a name that is none. */
export function mediaNamed(name: string | undefined): DiscMedia | undefined {
  if (name === undefined) return undefined;
  const found = discMedia.find((one) => one === name);
  if (found !== undefined) return found;
  throw new StowageError('configuration', `'${displayName(name)}' is no kind of media`, {
    hint: `"media" under "disc" is one of ${discMedia.join(', ')}`,
  });
}
