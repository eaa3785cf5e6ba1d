import { linkSync, lutimesSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileOperations } from '../src/durable/file-operations.ts';
import { realFiles } from '../src/durable/real-files.ts';
import { openConfiguration } from '../src/open.ts';
import { type Project, projectOf } from '../src/verbs/project.ts';

/** A project small enough to be killed at each of its steps: one section, three tars (one of them nested) and one plain archive. */
export interface SmallProject {
  readonly folder: string;
  readonly config: string;
  /** The section on disk. */
  readonly tree: string;
  readonly vault: string;
  readonly state: string;
}

export const section = 'data';

/** What the small tree maps to. */
export const smallKeys = ['data/README.md', 'data/calib/flat.tar', 'data/raw_1.tar', 'data/raw_2.tar'];

/** Makes configuration, tree and empty store in a folder; the same bytes, times and modes each time. */
export function smallProject(folder: string): SmallProject {
  const small = {
    folder,
    config: join(folder, 'config.json'),
    tree: join(folder, 'root', section),
    vault: join(folder, 'vault'),
    state: join(folder, '.stowage'),
  };
  mkdirSync(small.vault, { recursive: true });
  writeFileSync(
    small.config,
    JSON.stringify({
      __config__: { root: join(folder, 'root'), store: 'dir:vault' },
      [section]: {
        __exclude__: [],
        __top__: { '([^/]+\\.md)$': '\\1' },
        raw: { 'raw/([0-9])/.*$': 'raw_\\1.tar' },
        calib: { 'calib/.*$': 'calib/flat.tar' },
      },
    }),
  );
  put(small, 'README.md', 'read me first\n');
  put(small, 'raw/1/a.fits', content(5000, 1));
  put(small, 'raw/1/b.fits', content(3000, 2));
  put(small, 'raw/1/deep/c.fits', content(1, 3));
  put(small, 'raw/2/a.fits', content(20_000, 4));
  put(small, 'raw/2/empty', '');
  put(small, 'calib/flat.dat', content(777, 5));
  symlinkSync('a.fits', join(small.tree, 'raw/1/link'));
  linkSync(join(small.tree, 'calib/flat.dat'), join(small.tree, 'calib/twin.dat'));
  settle(small);
  return small;
}

/** Changes the tree: members changed, added and gone in one archive, one changed in the plain one, a new archive; the rest stays. */
export function changeTree(small: SmallProject): void {
  put(small, 'README.md', 'read me again\n', 1);
  put(small, 'raw/1/a.fits', content(5000, 11), 1);
  put(small, 'raw/1/new.fits', content(600, 12));
  rmSync(join(small.tree, 'raw/1/b.fits'));
  rmSync(join(small.tree, 'raw/1/link'));
  put(small, 'raw/3/a.fits', content(100, 13));
}

/** Writes a file into the tree, dated `later` hours after the others. */
export function put(small: SmallProject, path: string, data: string | Uint8Array, later = 0): void {
  const local = join(small.tree, path);
  mkdirSync(dirname(local), { recursive: true });
  writeFileSync(local, data, { mode: 0o640 });
  lutimesSync(local, date + later * 3600, date + later * 3600);
  settle(small);
}

/** Opens the project as the commands do, on the given file operations, with a clock and a chance of its own. */
export async function openSmall(small: SmallProject, files: FileOperations = quickFiles): Promise<Project> {
  return projectOf(await openConfiguration(small.config, { files }), { files, ...determined() });
}

/**
 * The real files without the wait for the disk: a simulated kill loses nothing that was written. Whether it was asked for at the
 * right place, `durableOrder` watches.
 */
export const quickFiles: FileOperations = {
  ...realFiles,
  open: async (path, flags, mode) => ({ ...(await realFiles.open(path, flags, mode)), sync: async () => {} }),
  syncFolder: async () => {},
};

let started = 0;

/** Every project that is opened stands an hour after the one before; each look at the clock takes a second. */
function determined() {
  started += 1;
  let ticks = started * 3600;
  let drawn = started << 16;
  return {
    clock: {
      now() {
        ticks += 1;
        return new Date((date + ticks) * 1000);
      },
    },
    random(length: number) {
      drawn += 1;
      const bytes = Buffer.alloc(length);
      bytes.writeUInt32BE(drawn);
      return bytes;
    },
  };
}

const date = 1_709_290_800;

/** The times of links and directories, which change when something is put into them. */
function settle(small: SmallProject, folder = ''): void {
  for (const child of readdirSync(join(small.tree, folder), { withFileTypes: true })) {
    const path = join(folder, child.name);
    if (child.isDirectory()) settle(small, path);
    if (child.isSymbolicLink()) lutimesSync(join(small.tree, path), date, date);
  }
  lutimesSync(join(small.tree, folder), date, date);
}

/** Bytes that no archive has by chance. */
function content(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 97 + (index >> 8)) & 0xff);
}
