import type { ShardWriter } from '../../shards/shard-writer.ts';
import { type DirectoryBytes, directoriesIn, readDiskRun, writeDiskRun } from './disk-run-file.ts';
import { mergedRuns, sortedRun } from './merged-runs.ts';

/** Takes pieces of runs in any order, and gives their directories sorted, each once. What does not fit into memory lies in files. */
export interface DiskRuns {
  readonly writer: ShardWriter;
  /** All directories of what was added. */
  directories(): Generator<DirectoryBytes>;
}

/** So many bytes are sorted at once, and may be held. */
const mostInMemory = 48 << 20;

/** No pieces yet. Files go into this folder, which is the caller's. */
export function diskRuns(folder: string, most = mostInMemory): DiskRuns {
  const paths: string[] = [];
  let held: DirectoryBytes[] = [];
  let bytes = 0;
  const putAside = () => {
    const path = `${folder}/run${paths.length}`;
    writeDiskRun(path, sortedRun(held));
    paths.push(path);
    held = [];
    bytes = 0;
  };
  return {
    writer: {
      async add(pieces) {
        for (const directory of directoriesIn(pieces)) held.push(directory);
        bytes += pieces.length;
        if (bytes > most) putAside();
      },
      finish: async () => [],
      // The folder goes anyway.
      abandon: async () => undefined,
    },
    directories: () => mergedRuns([...paths.map(readDiskRun), sortedRun(held)]),
  };
}
