import { lstatSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { temporaryFolder } from '../../durable/temporary-folder.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { joinPath } from '../../model/relative-path.ts';
import { scanInto } from '../../scan/scan-to-shards.ts';
import { standIn } from '../../scan/stand-in.ts';
import type { Crew } from '../../threads/crew.ts';
import { scanCrew } from '../../verbs/listing/scan-crew.ts';
import { doubtsOfCache, readNote, writeNote } from './cache-note.ts';
import type { CsvMade } from './csv-blocks.ts';
import { csvHeader } from './csv-cache.ts';
import { diskRows } from './disk-rows.ts';
import { diskRuns } from './disk-runs.ts';
import { type GrowingFile, growingFile } from './growing-file.ts';
import { logger, standardLog, stowageLogger } from './log.ts';
import { requireFolder } from './require-folder.ts';
import { walkForRows } from './row-book.ts';
import { tellDirectory } from './tell-directory.ts';
import type { LogOptions } from './validate-configuration.ts';

/** The task that looks at the disks in a thread. */
export const diskScan = 'disk-scan-task';

/** Rows of so many bytes are not read again. */
const mostHeld = 48 << 20;

export interface ScanDiskOptions extends LogOptions {
  /** Scans even if there is a cache. */
  readonly overwrite?: boolean;
  readonly crew?: Crew;
  readonly files?: FileOperations;
  readonly signal?: AbortSignal;
}

/** What a scan of the disks came to. */
export interface ScannedDisk {
  /** False if anything could not be looked at or listed. */
  readonly sound: boolean;
  /** The rows of the cache that was made, if there are not too many to be held. */
  readonly rows?: CsvMade;
}

/**
 * Lists the files below the roots in a cache, which appears whole or not at all: in each directory first its files, then its directories, both by
 * name. Links are not listed, nor names that are not UTF-8. A cache that is there is used, and told of if it is not ours. False if anything
 * could not be looked at or listed. Rejects with `full` or `unavailable` if the cache cannot be written.
 */
export async function scanDisk(
  diskRoots: readonly string[],
  diskFilesCache: string,
  options: ScanDiskOptions = {},
): Promise<boolean> {
  const { sound } = await listDisk(diskRoots, diskFilesCache, options);
  return sound;
}

interface ListDiskOptions extends ScanDiskOptions {
  /** The process may stand in a root while that is looked at: nothing goes by relative paths meanwhile. */
  readonly mayStandIn?: boolean;
}

/** As `scanDisk`, with what was written. */
export async function listDisk(
  diskRoots: readonly string[],
  diskFilesCache: string,
  { overwrite = false, log = standardLog, crew, files = realFiles, signal, mayStandIn = false }: ListDiskOptions = {},
): Promise<ScannedDisk> {
  const hpsspy = logger(log, 'hpsspy.scan.scan_disk');
  const ours = logger(log, stowageLogger);
  const roots = diskRoots.map((root) => resolve(root));
  const there = statSync(fsPath(diskFilesCache), { throwIfNoEntry: false });
  if (there !== undefined && !overwrite) {
    hpsspy.debug(`Using existing file cache: ${diskFilesCache}`);
    for (const doubt of doubtsOfCache(diskFilesCache, there.size, roots, '-D')) ours.warning(doubt);
    for (const change of changesSince(readNote(diskFilesCache)?.begun, roots)) {
      ours.warning(`${change} has changed since ${displayName(diskFilesCache)} was made. -D makes it anew.`);
    }
    return { sound: (readNote(diskFilesCache)?.leftOut ?? 0) === 0 };
  }
  hpsspy.info('No disk cache file, starting scan.');
  const begun = new Date().toISOString();
  requireFolder(diskFilesCache);
  const hands = crew ?? scanCrew({}, { tasksInHand: 2 });
  const folder = await temporaryFolder(resolve(tmpdir()));
  let cache: GrowingFile | undefined;
  try {
    const runs = diskRuns(folder.path);
    const made = (lines: Uint8Array) => diskRows(lines, roots);
    const sink = { writer: runs.writer, task: diskScan, walk: walkForRows, made };
    // Not of several, at which threads look at the same time.
    const leave = mayStandIn && roots.length === 1 ? standIn(roots[0]!) : undefined;
    try {
      const standsIn = leave === undefined ? undefined : 0;
      await scanInto(roots, sink, { crew: hands, standsIn, ...(signal && { signal }) });
    } finally {
      leave?.();
    }
    const total = { rows: 0, bytes: csvHeader.length, crc32: crc32(csvHeader), leftOut: 0, links: 0, special: 0 };
    // Not sooner: it may lie below a root.
    cache = await growingFile(files, diskFilesCache);
    await cache.write(csvHeader);
    let texts: Uint8Array[] | undefined = [];
    let disk = -1;
    for (const directory of runs.directories()) {
      for (; disk < directory.disk; disk += 1) hpsspy.debug(`Starting os.walk at ${diskRoots[disk + 1]}.`);
      const path = joinPath(diskRoots[disk]!.replace(/(?<=.)\/+$/, ''), directory.key.replaceAll('\0', '/'));
      const odd = tellDirectory(path, directory, hpsspy, ours);
      total.leftOut += odd.leftOut;
      total.links += odd.links;
      total.special += odd.special;
      total.rows += directory.rows;
      total.bytes += directory.text.length;
      total.crc32 = crc32(directory.text, total.crc32);
      await cache.write(directory.text);
      if (total.bytes > mostHeld) texts = undefined;
      texts?.push(directory.text);
    }
    for (; disk < roots.length - 1; disk += 1) hpsspy.debug(`Starting os.walk at ${diskRoots[disk + 1]}.`);
    await cache.publish();
    const { links, special, ...counts } = total;
    await writeNote(files, diskFilesCache, { from: roots, begun, ended: new Date().toISOString(), ...counts });
    if (links > 0)
      ours.info(
        `${links} ${links === 1 ? 'link is' : 'links are'} not in the cache: it holds files only. With -p they are archived.`,
      );
    const sound = total.leftOut + special === 0;
    const end = { bytes: total.bytes, crc32: total.crc32, ended: true };
    return { sound, ...(texts !== undefined && { rows: { texts, end } }) };
  } finally {
    await cache?.abandon();
    if (crew === undefined) await hands.close();
    await folder.remove();
  }
}

/** Which of the roots and of the directories right below them got or lost a name since then. */
function* changesSince(begun: string | undefined, roots: readonly string[]): Generator<string> {
  if (begun === undefined) return;
  const since = Date.parse(begun);
  for (const root of roots) {
    if (changedAfter(root, since)) {
      yield displayName(root);
      continue;
    }
    for (const child of childrenOf(root))
      if (changedAfter(`${root}/${child}`, since)) yield displayName(`${root}/${child}`);
  }
}

function childrenOf(root: string): readonly string[] {
  try {
    return readdirSync(fsPath(root), { withFileTypes: true })
      .filter((one) => one.isDirectory())
      .map(({ name }) => name);
  } catch {
    // Whoever scans it will be told.
    return [];
  }
}

function changedAfter(path: string, since: number): boolean {
  const stats = lstatSync(fsPath(path), { throwIfNoEntry: false });
  return stats === undefined || stats.mtimeMs > since;
}
