import { statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { HpssOSError } from '../../hpss/hpss-error.ts';
import type { HpssFile } from '../../hpss/hpss-file.ts';
import type { HpssOptions } from '../../hpss/hpss-options.ts';
import { listTree } from '../../hpss/list-tree.ts';
import { fsPath, isUtf8Name } from '../../model/byte-name.ts';
import { blockRows } from './block-rows.ts';
import { doubtsOfCache, writeNote } from './cache-note.ts';
import { csvBlocks } from './csv-blocks.ts';
import { csvHeader, csvRow } from './csv-cache.ts';
import type { HpssFiles } from './find-missing.ts';
import { growingFile } from './growing-file.ts';
import { logger, standardLog, stowageLogger } from './log.ts';
import { requireFolder } from './require-folder.ts';
import type { LogOptions } from './validate-configuration.ts';

export interface ScanHpssOptions extends LogOptions {
  /** Lists HPSS even if there is a cache. */
  readonly overwrite?: boolean;
  /** How HPSS is reached. */
  readonly hpss?: HpssOptions;
  readonly files?: FileOperations;
}

/**
 * Lists the files below a directory on HPSS, in one session, and keeps them in a cache, which appears whole or not at all; the index of an archive
 * is not listed. A cache that is there is used, and told of if it is not ours. A directory that is not there holds nothing; one that cannot be
 * listed is an error (`HpssOSError`), and leaves no cache. Names below `hpssRoot`, with size in bytes and time in seconds since 1970 UTC.
 */
export async function scanHpss(
  hpssRoot: string,
  hpssFilesCache: string,
  { overwrite = false, log = standardLog, hpss = {}, files = realFiles }: ScanHpssOptions = {},
): Promise<HpssFiles> {
  const hpsspy = logger(log, 'hpsspy.scan.scan_hpss');
  const ours = logger(log, stowageLogger);
  const there = statSync(fsPath(hpssFilesCache), { throwIfNoEntry: false });
  if (there !== undefined && !overwrite) {
    hpsspy.info(`Found cache file ${hpssFilesCache}.`);
    for (const doubt of doubtsOfCache(hpssFilesCache, there.size, [hpssRoot], '-H')) ours.warning(doubt);
    return cachedFiles(hpssFilesCache);
  }
  hpsspy.info(`No HPSS cache file, starting scan at ${hpssRoot}.`);
  requireFolder(hpssFilesCache);
  const begun = new Date().toISOString();
  const found = new Map<string, readonly [number, number]>();
  let unwritable = 0;
  for await (const { path, files: listed } of directoriesOf(hpssRoot, hpss, () =>
    ours.info(`${hpssRoot} is not there yet.`),
  )) {
    hpsspy.debug(`Scanning HPSS directory ${path}.`);
    for (const file of archivesAmong(listed)) {
      const name = file.path.startsWith(`${hpssRoot}/`) ? file.path.slice(hpssRoot.length + 1) : file.path;
      if (isUtf8Name(name)) found.set(name, [file.stSize, file.stMtime]);
      else unwritable += 1;
    }
  }
  const cache = await growingFile(files, hpssFilesCache);
  try {
    const total = { bytes: 0, crc32: 0 };
    const write = async (text: string) => {
      const bytes = Buffer.from(text, 'utf8');
      total.bytes += bytes.length;
      total.crc32 = crc32(bytes, total.crc32);
      await cache.write(bytes);
    };
    await write(csvHeader);
    for (const [name, [size, mtime]] of found) await write(csvRow(name, size, mtime));
    await cache.publish();
    const counts = { rows: found.size, leftOut: unwritable, ...total };
    await writeNote(files, hpssFilesCache, { from: [hpssRoot], begun, ended: new Date().toISOString(), ...counts });
  } finally {
    await cache.abandon();
  }
  if (unwritable > 0) ours.warning(`${unwritable} names on HPSS are not UTF-8 and do not stand in the cache.`);
  return found;
}

/** Every directory that is there. Throws for one that cannot be listed. */
async function* directoriesOf(root: string, hpss: HpssOptions, onAbsent: () => void) {
  try {
    for await (const one of listTree(root, hpss)) {
      if ('error' in one) throw one.error;
      yield one;
    }
  } catch (error) {
    // The session went well, and HPSS says that there is no such name: nothing was archived yet.
    if (!(error instanceof HpssOSError) || error.kind !== 'absent' || error.code !== 'missing') throw error;
    onAbsent();
  }
}

/** The files and links, less the indexes of archives that are there. */
function archivesAmong(listed: readonly HpssFile[]): readonly HpssFile[] {
  const names = new Set(listed.map(({ name }) => name));
  return listed.filter(({ name, rawType }) => {
    return rawType !== 'd' && !(name.endsWith('.idx') && names.has(name.slice(0, -'.idx'.length)));
  });
}

function cachedFiles(cache: string): HpssFiles {
  const found = new Map<string, readonly [number | bigint, number | bigint]>();
  for (const block of csvBlocks(cache)) {
    const rows = blockRows(block);
    for (const [row, name] of rows.names.entries()) found.set(name, [rows.size(row), rows.mtime(row)]);
  }
  return found;
}
