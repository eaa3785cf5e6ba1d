import { readFileSync } from 'node:fs';
import type { FileOperations } from '../../durable/file-operations.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { displayName, fsPath, type NameInJson, nameFromJson, nameToJson } from '../../model/byte-name.ts';
import { version } from '../../version.ts';

/** What a cache was made from. It lies beside the cache, so that the cache itself stays as HPSSPy has it. */
export interface CacheNote {
  /** Directories on disk, or the one place on HPSS. */
  readonly from: readonly string[];
  /** When the first directory was read, and when the last: ISO 8601, UTC. */
  readonly begun: string;
  readonly ended: string;
  /** Places that could not be looked at, and names that a cache cannot hold. */
  readonly leftOut: number;
  readonly rows: number;
  readonly bytes: number;
  readonly crc32: number;
}

/** Where the note of a cache lies. */
export function notePath(cache: string): string {
  return `${cache}.made.json`;
}

/** Writes the note of a cache, durably. */
export async function writeNote(files: FileOperations, cache: string, note: CacheNote): Promise<void> {
  const text = JSON.stringify(
    { format: 1, by: `stowage ${version}`, ...note, from: note.from.map(nameToJson) },
    null,
    2,
  );
  await writeWhole(files, notePath(cache), `${text}\n`, { replace: true });
}

/** The note of a cache; undefined if there is none that can be read. */
export function readNote(cache: string): CacheNote | undefined {
  try {
    const said = JSON.parse(readFileSync(fsPath(notePath(cache)), 'utf8')) as CacheNote & {
      readonly format: number;
      readonly from: readonly NameInJson[];
    };
    return said.format === 1 ? { ...said, from: said.from.map(nameFromJson) } : undefined;
  } catch {
    // Then nothing is known of the cache, and that is what is said.
    return undefined;
  }
}

/** What must be said of a cache that is used: nothing, if it is as Stowage made it from the same places. `again` is the option that makes it anew. */
export function doubtsOfCache(
  cache: string,
  bytes: number,
  from: readonly string[],
  again: '-D' | '-H',
): readonly string[] {
  const name = displayName(cache);
  const remedy = `${again} makes it anew.`;
  const note = readNote(cache);
  if (note === undefined) return [`${name} was not made by Stowage: from what, and when, is not known. ${remedy}`];
  const doubts: string[] = [];
  if (note.bytes !== bytes) doubts.push(`${name} is not as Stowage made it. ${remedy}`);
  if (note.from.join('\0') !== from.join('\0')) {
    const places = note.from.map((one) => `'${displayName(one)}'`).join(', ');
    doubts.push(`${name} was made from ${places}, which is not what the configuration says now. ${remedy}`);
  }
  if (note.leftOut > 0)
    doubts.push(`${name} lacks ${note.leftOut} that could not be looked at or written when it was made. ${remedy}`);
  return doubts;
}
