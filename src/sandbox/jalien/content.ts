import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './catalogue.ts';
import type { World } from './world.ts';

/** The bytes of a file, from the folder of an SE that has one; undefined if none holds it. */
export function contentOf(world: World, entry: Entry): Buffer | undefined {
  for (const { se, pfn } of entry.replicas) {
    const element = world.elements.find((one) => one.name === se);
    if (element?.folder === undefined) continue;
    try {
      return readFileSync(join(element.folder, pfn.slice(element.endpoint.length)));
    } catch {
      // Nobody promised that a replica is there.
    }
  }
  return undefined;
}
