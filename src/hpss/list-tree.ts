import { displayName } from '../model/byte-name.ts';
import { unreadable } from './follow-links.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { answerLines } from './list-directory.ts';
import { type ListedDirectory, listedDirectories } from './listing.ts';
import { patiently } from './patience.ts';
import { runSession } from './session.ts';

/**
 * Every directory below a path and the path itself, in one session, however many there are: directories before what lies in them. Links are
 * listed and not followed. What cannot be listed is yielded as such. Memory is that of one directory.
 */
export async function* listTree(root: string, options: HpssOptions = {}): AsyncGenerator<ListedDirectory> {
  const what = `cannot list '${displayName(root)}'`;
  const command = { text: `ls -DaR ${hsiWord(root)}`, isListing: true };
  // Until the whole answer is known to be there nothing of it is given away, and all of it may be asked for again.
  const session = await patiently(options, async () => {
    const ended = await runSession([command], { ...options, what });
    try {
      for await (const { line } of ended.lines()) if (line === undefined) return ended;
      return ended;
    } catch (error) {
      await ended.close();
      throw error;
    }
  });
  const above = root.endsWith('/') ? root : `${root}/`;
  try {
    for await (const one of listedDirectories(answerLines(session.lines()), root, options)) {
      if (one.path !== root && !one.path.startsWith(above)) throw unreadable(root, `${one.path}:`);
      yield one;
    }
  } finally {
    await session.close();
  }
}

/** A file of a whole-tree listing. */
export interface TreeFile {
  /** The full path. */
  readonly path: string;
  readonly bytes: number;
  /** Seconds since 1970 UTC. */
  readonly mtime: number;
  /** True for a `.tar` that has an index beside it. */
  readonly ishtar: boolean;
}

/** Every file below a path, links and directories left out. Throws where a directory cannot be listed: not listable is not empty. */
export async function* treeFiles(root: string, options: HpssOptions = {}): AsyncGenerator<TreeFile> {
  for await (const one of listTree(root, options)) {
    if ('error' in one) throw one.error;
    for (const file of one.files) {
      if (file.rawType !== '-') continue;
      yield { path: file.path, bytes: file.stSize, mtime: file.stMtime, ishtar: file.ishtar };
    }
  }
}
