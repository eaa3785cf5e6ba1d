import { lstatSync } from 'node:fs';
import { posix } from 'node:path';
import { fsPath } from '../model/byte-name.ts';

/**
 * True for a link that leads to the same relative path on another of the roots: so a physical disk is hung into the tree, and what
 * the link stands for is found on that disk. All are local paths in memory form; `disk` is the root that the link lies below.
 */
export function hangsInDisk(disk: string, path: string, target: string, others: readonly string[]): boolean {
  if (others.length === 0) return false;
  const leadsTo = posix
    .normalize(target.startsWith('/') ? target : `${posix.dirname(`${disk}/${path}`)}/${target}`)
    .replace(/\/$/, '');
  if (!others.some((other) => posix.normalize(`${other}/${path}`) === leadsTo)) return false;
  // A link into nothing stands for nothing: then the link itself is the entry.
  return lstatSync(fsPath(leadsTo), { throwIfNoEntry: false }) !== undefined;
}
