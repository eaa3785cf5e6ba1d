import { appendWork, removeWork } from '../../durable/append-work.ts';
import { rowLine } from '../../shards/listing-row.ts';
import type { PlannedArchive } from '../survey/planned-archive.ts';
import { linesIn } from '../survey/work-lines.ts';
import type { ArchiveWork } from './archive-work.ts';
import { lineEntry } from './line-item.ts';
import { lookAgain } from './look-again.ts';

/** The work of an archive as it is now. */
export interface RefreshedWork {
  readonly work: ArchiveWork;
  /** Removes what was put on disk for it. Idempotent. */
  discard(): void;
}

const linesAtOnce = 8192;

/**
 * Looks at every entry once more. Undefined if one of them cannot be archived any more: then there is more to be done than to pack. `path` is where a
 * file of its own may lie; without it the lines stay in memory.
 */
export function refreshedWork(
  plan: Pick<PlannedArchive, 'format' | 'key'>,
  work: ArchiveWork,
  { roots, unreadable }: { readonly roots: readonly string[]; readonly unreadable: ReadonlyMap<string, string> },
  path: string | undefined,
): RefreshedWork | undefined {
  const disks = new Map(roots.map((root, index) => [root, index]));
  let lines: string[] = [];
  const discard = () => {
    if (path !== undefined) removeWork(path);
  };
  const flush = () => {
    if (path === undefined || lines.length === 0) return;
    appendWork(path, `${lines.join('\n')}\n`);
    lines = [];
  };
  for (const line of work.lines) {
    const now = lookAgain(lineEntry(line, roots), plan, unreadable);
    if ('refused' in now) {
      discard();
      return undefined;
    }
    lines.push(rowLine(now.entry, disks.get(now.entry.disk)!).slice(0, -1));
    if (lines.length === linesAtOnce) flush();
  }
  flush();
  const kept = path === undefined ? lines : { [Symbol.iterator]: () => linesIn(path) };
  return { work: { ...work, lines: kept }, discard };
}
