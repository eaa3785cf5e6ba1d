import { directoryNameOf } from '../../rules/archive-directory.ts';

/**
 * The name of the directory that an archive's name stands for: `d1/data_d1_batch.tar` gives `batch`. Stowage itself goes by the members, and the
 * name says no more than from where they are named.
 */
export function extractDirectoryName(filename: string): string {
  return directoryNameOf(filename);
}
