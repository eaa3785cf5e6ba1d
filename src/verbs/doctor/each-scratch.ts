import type { Patient } from './check.ts';
import type { Place } from './place.ts';

/** The places that can be written, each with a scratch folder. Why the others cannot be is told by `writable`. */
export async function* eachScratch({
  places,
  signal,
}: Patient): AsyncGenerator<{ readonly what: Place['what']; readonly path: string; readonly folder: string }> {
  for (const place of places) {
    signal?.throwIfAborted();
    const folder = await place.scratch().catch(() => undefined);
    if (folder !== undefined) yield { what: place.what, path: place.path, folder };
  }
}
