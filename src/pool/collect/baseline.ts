import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import type { FileOperations } from '../../durable/file-operations.ts';
import { readIfThere } from '../../durable/read-if-there.ts';
import { writeWhole } from '../../durable/whole-file.ts';
import { fsPath, nameFromJson, nameToJson } from '../../model/byte-name.ts';

/** What a file was when it was collected. */
export interface KnownFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
}

/** All files of one thing that is collected incrementally, by their paths, since the first day of a week. */
export interface Baseline {
  /** The first day of that week: `YYYY/MM/DD`. */
  readonly weekOf: string;
  readonly files: ReadonlyMap<string, KnownFile>;
}

const format = 'stowage-pool-baseline';
const version = 1;

/** Where the baseline of an archive lies: what is known to be staged, and what was collected last and may not be staged yet. */
export function baselinePaths(
  stateDir: string,
  archive: string,
): { readonly staged: string; readonly pending: string } {
  const begin = `${stateDir}/collect/${archive}`;
  return { staged: `${begin}.staged.jsonl`, pending: `${begin}.pending.jsonl` };
}

/** Reads a baseline; undefined if there is none, or if it is damaged: then everything is collected, which loses nothing. */
export async function readBaseline(path: string): Promise<Baseline | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return parseBaseline(text);
  } catch {
    return undefined;
  }
}

/** Writes a baseline, whole and durable; one that is there is replaced. */
export async function writeBaseline(files: FileOperations, path: string, baseline: Baseline): Promise<void> {
  const lines = [JSON.stringify({ format, version, weekOf: baseline.weekOf, files: baseline.files.size })];
  for (const [name, file] of baseline.files) {
    lines.push(
      JSON.stringify({
        ...nameToJson(name),
        sha256: file.sha256,
        bytes: file.bytes,
        mtimeNs: String(file.mtimeNs),
        ctimeNs: String(file.ctimeNs),
        inode: String(file.inode),
      }),
    );
  }
  await writeWhole(files, path, `${lines.join('\n')}\n`, { replace: true, mode: 0o600 });
}

function parseBaseline(text: string): Baseline | undefined {
  const [first, ...lines] = text.split('\n');
  const head = JSON.parse(first ?? '');
  if (head.format !== format || head.version !== version || typeof head.weekOf !== 'string') return undefined;
  if (lines.pop() !== '' || lines.length !== head.files) return undefined;
  const files = new Map<string, KnownFile>();
  for (const line of lines) {
    const one = JSON.parse(line);
    files.set(nameFromJson(one), {
      sha256: one.sha256,
      bytes: one.bytes,
      mtimeNs: BigInt(one.mtimeNs),
      ctimeNs: BigInt(one.ctimeNs),
      inode: BigInt(one.inode),
    });
  }
  return { weekOf: head.weekOf, files };
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
  const same = known.mtimeNs === stats.mtimeNs && known.ctimeNs === stats.ctimeNs && known.inode === stats.ino;
  if (same) return known;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(fsPath(path))) hash.update(chunk as Buffer);
  return hash.digest('hex') === known.sha256 ? knownFile(stats, known.sha256) : undefined;
}
