import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { fsPath, type NameInJson, nameFromJson, nameToJson } from '../../model/byte-name.ts';

/** What a file was when it was collected. */
export interface KnownFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
}

/** What a file is now, with a digest that somebody computed. */
export function knownFile(stats: BigIntStats, sha256: string): KnownFile {
  const { mtimeNs, ctimeNs, ino } = stats;
  return { sha256, bytes: Number(stats.size), mtimeNs, ctimeNs, inode: ino };
}

/**
 * What is known of a file if its content has not changed since; undefined if it has, or is new. A file whose size, times and inode are the
 * same is not read; any other is read and compared. Throws what reading throws.
 */
export async function ifUnchanged(
  path: string,
  stats: BigIntStats,
  known: KnownFile | undefined,
): Promise<KnownFile | undefined> {
  if (known === undefined || BigInt(known.bytes) !== stats.size) return undefined;
  if (isUntouched(stats, known)) return known;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(fsPath(path))) hash.update(chunk as Buffer);
  return hash.digest('hex') === known.sha256 ? knownFile(stats, known.sha256) : undefined;
}

/** True if size, times and inode are the same. */
export function isUntouched(stats: BigIntStats, known: KnownFile): boolean {
  if (known.mtimeNs !== stats.mtimeNs || known.ctimeNs !== stats.ctimeNs) return false;
  return known.inode === stats.ino && BigInt(known.bytes) === stats.size;
}

/** The line of a file in a baseline, with its end: what `JSON.stringify` makes of it. */
export function lineOf(path: string, { sha256, bytes, mtimeNs, ctimeNs, inode }: KnownFile): string {
  const name = JSON.stringify(nameToJson(path)).slice(0, -1);
  return `${name},"sha256":"${sha256}","bytes":${bytes},"mtimeNs":"${mtimeNs}","ctimeNs":"${ctimeNs}","inode":"${inode}"}\n`;
}

interface Line extends NameInJson {
  readonly sha256: string;
  readonly bytes: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  readonly inode: string;
}

/** The file that a line is about. Throws for a line that is none. */
export function ofLine(line: string): { readonly path: string; readonly file: KnownFile } {
  const one = JSON.parse(line) as Line;
  const { sha256, bytes } = one;
  const [mtimeNs, ctimeNs, inode] = [BigInt(one.mtimeNs), BigInt(one.ctimeNs), BigInt(one.inode)];
  return { path: nameFromJson(one), file: { sha256, bytes, mtimeNs, ctimeNs, inode } };
}
