import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Entry } from './catalogue.ts';
import type { StorageElement, World } from './world.ts';

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

/** Puts bytes into the folder of an SE: they appear whole, and belong to whoever the SE runs as. */
export function putContent({ endpoint, folder }: StorageElement, pfn: string, content: Buffer): void {
  const { uid, gid } = statSync(folder!);
  const own = (made: string, mode: number): void => {
    chmodSync(made, mode);
    if (process.getuid?.() === 0) chownSync(made, uid, gid);
  };
  const target = join(folder!, pfn.slice(endpoint.length));
  const missing: string[] = [];
  for (let above = dirname(target); !existsSync(above); above = dirname(above)) missing.unshift(above);
  for (const directory of missing) {
    mkdirSync(directory);
    own(directory, 0o755);
  }
  const temporary = `${target}.${randomUUID()}`;
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    own(temporary, 0o644);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
