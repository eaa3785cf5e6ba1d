import { partOf } from '../../plan/part-name.ts';

/** Which of so many partitions an archive belongs to: that of its parts too. The same in every thread and every run. */
export function partitionOfArchive(name: string, partitions: number): number {
  return partitionOf(name.includes('.part') ? (partOf(name)?.name ?? name) : name, partitions);
}

/** Which of so many partitions a name belongs to. FNV-1a over UTF-16 units. */
export function partitionOf(name: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % partitions;
}
