import type { FileOperations } from '../durable/file-operations.ts';

/**
 * Makes the names in a folder durable for all that ask at once: who asks while an fsync of the folder is under way waits for the next one, which
 * begins after the call and is everybody's who came meanwhile.
 */
export function sharedSync(files: Pick<FileOperations, 'syncFolder'>): (folder: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();
  const begin = (folder: string): Promise<void> => {
    const done = files.syncFolder(folder).finally(() => {
      if (running.get(folder) === done) running.delete(folder);
    });
    running.set(folder, done);
    return done;
  };
  return (folder) => {
    const current = running.get(folder);
    if (current === undefined) return begin(folder);
    let following = next.get(folder);
    if (following === undefined) {
      const go = () => {
        next.delete(folder);
        return begin(folder);
      };
      following = current.then(go, go);
      next.set(folder, following);
    }
    return following;
  };
}
