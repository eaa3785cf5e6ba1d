import { tmpdir } from 'node:os';
import type { FileOperations } from '../../durable/file-operations.ts';
import { realFiles } from '../../durable/real-files.ts';
import { temporaryFolder } from '../../durable/temporary-folder.ts';
import { StowageError } from '../../errors.ts';
import type { Crew } from '../../threads/crew.ts';
import type { CompiledMap } from './compile-map.ts';
import type { CsvEnd, CsvMade } from './csv-blocks.ts';
import { growingFile } from './growing-file.ts';
import { type Logger, logger, standardLog, stowageLogger } from './log.ts';
import { mapCache, type PatternUse } from './map-cache.ts';
import { type MappedArchive, type MappedArchives, mappedArchives } from './mapped-archives.ts';
import { pythonJsonString } from './python-json.ts';
import type { LogOptions } from './validate-configuration.ts';

/** What HPSS holds: size in bytes and time in seconds since 1970 UTC, by name below its root. */
export type HpssFiles = ReadonlyMap<string, readonly [size: number | bigint, mtime: number | bigint]>;

export interface FindMissingOptions extends LogOptions {
  /** After so many files a message tells how far it is; 10000 if absent. */
  readonly report?: number;
  /** Archives are not larger than so many GiB; 1024 if absent. */
  readonly limit?: number;
  /** The data lie on several disks: a file that two of them have is told of. */
  readonly severalDisks?: boolean;
  readonly files?: FileOperations;
}

/** What came of a search for what is missing. */
export interface FoundMissing {
  /** True if every file goes to one archive, or to none because a rule says so, and every archive can be made. */
  readonly sound: boolean;
  /** How many files the archives hold that are to be made. */
  readonly selected: number;
  /** What was read of the disk cache. */
  readonly cache: CsvEnd;
  /** The archives that are to be made, without their files: those are in the missing file. */
  readonly archives: readonly MappedArchive[];
  /** How many files each directory of the cache has. */
  readonly directories: ReadonlyMap<string, number>;
}

/**
 * Finds what HPSS lacks of the files in the disk cache, and writes it to the missing file, whole or not at all. True if every file goes to exactly
 * one archive, or to none because a rule says so, and every archive can be made. Rejects with `usage` if `report` is not a whole number above 0,
 * with `corrupt` or `unavailable` for a cache that cannot be read, and with `full` or `unavailable` if the missing file cannot be written.
 */
export async function findMissing(
  hpssMap: CompiledMap,
  hpssFiles: HpssFiles | Readonly<Record<string, readonly [size: number | bigint, mtime: number | bigint]>>,
  diskFilesCache: string,
  missingFiles: string,
  options: FindMissingOptions = {},
): Promise<boolean> {
  const { sound } = await searchMissing(hpssMap, hpssFiles, diskFilesCache, missingFiles, options);
  return sound;
}

export interface SearchOptions extends FindMissingOptions {
  /** What the cache holds, if it was just made. */
  readonly rows?: CsvMade;
  /** The threads that looked at the disks. */
  readonly crew?: Crew;
}

/** As `findMissing`, with more of what was found. */
export async function searchMissing(
  map: CompiledMap,
  held: Parameters<typeof findMissing>[1],
  cache: string,
  missing: string,
  options: SearchOptions,
): Promise<FoundMissing> {
  const { log = standardLog, report = 10_000, limit = 1024, severalDisks = false, files = realFiles } = options;
  if (!Number.isInteger(report) || report < 1) {
    throw new StowageError('usage', `a report after every ${report} files cannot be`, {
      hint: 'give a number above 0',
    });
  }
  const hpsspy = logger(log, 'hpsspy.scan.find_missing');
  const ours = logger(log, stowageLogger);
  const work = await temporaryFolder(tmpdir());
  const archives = mappedArchives(() => `${work.path}/missing`);
  try {
    const mapped = await mapCache(map, timesOf(held), options.rows ?? cache, {
      ...{ hpsspy, ours, report, archives },
      scanners: options.crew,
    });
    tellUnused(mapped.used, hpsspy, ours, map);
    const written = await writeMissing(archives, new Set(namesOf(held)), missing, {
      hpsspy,
      ours,
      limit,
      severalDisks,
      files,
    });
    if (mapped.leftOut > 0) {
      ours.error(`${filesText(mapped.leftOut)} left out: no rule of the configuration says what becomes of them.`);
    }
    if (mapped.unmapped > 0) hpsspy.critical('Not all files would be backed up with this configuration!');
    else if (mapped.several > 0) {
      hpsspy.critical('Some files would be backed up more than once with this configuration!');
    }
    const sound = mapped.unmapped + mapped.several + mapped.leftOut + written.unsound === 0;
    return { sound, ...written, cache: mapped.end, directories: archives.directories };
  } finally {
    archives.close();
    await work.remove();
  }
}

function filesText(count: number): string {
  return count === 1 ? '1 file is' : `${count} files are`;
}

function namesOf(held: Parameters<typeof findMissing>[1]): Iterable<string> {
  return held instanceof Map ? held.keys() : Object.keys(held);
}

function timesOf(held: Parameters<typeof findMissing>[1]): ReadonlyMap<string, number | bigint> {
  const entries = held instanceof Map ? [...(held as HpssFiles)] : Object.entries(held);
  return new Map(entries.map(([name, [, mtime]]) => [name, mtime]));
}

/** HPSSPy tells a pattern by its text, of whatever directory, and none of a directory without files. Who looks sees them by directory. */
function tellUnused(used: readonly PatternUse[], hpsspy: Logger, ours: Logger, map: CompiledMap): void {
  const counts = new Map<string, number>();
  for (const { rule, matches } of used) counts.set(rule.pattern, (counts.get(rule.pattern) ?? 0) + matches);
  for (const [pattern, matches] of counts) {
    if (matches > 0) continue;
    hpsspy.info(`Pattern '${pattern}' was never used, maybe files have been removed from disk?`);
  }
  const matched = new Set(used.filter(({ matches }) => matches > 0).map(({ rule }) => rule));
  for (const [directory, rules] of map.directories) {
    const idle = rules.filter((rule) => !matched.has(rule)).map(({ pattern }) => `'${pattern}'`);
    if (idle.length === 0) continue;
    const which = idle.length === rules.length ? 'no pattern' : `${idle.length} of ${rules.length} patterns`;
    const verb =
      idle.length === rules.length ? 'matches any file' : idle.length === 1 ? 'matches no file' : 'match no file';
    ours.warning(`${directory}: ${which} ${verb}: ${idle.join(', ')}`);
  }
}

interface WriteOptions {
  readonly hpsspy: Logger;
  readonly ours: Logger;
  readonly limit: number;
  readonly severalDisks: boolean;
  readonly files: FileOperations;
}

/** How many files are selected, and how many archives are not as they should be. */
async function writeMissing(
  archives: MappedArchives,
  held: ReadonlySet<string>,
  path: string,
  { hpsspy, ours, limit, severalDisks, files }: WriteOptions,
): Promise<{ readonly selected: number; readonly unsound: number; readonly archives: readonly MappedArchive[] }> {
  const file = await growingFile(files, path);
  const due: MappedArchive[] = [];
  let selected = 0;
  let unsound = 0;
  let before = '{';
  try {
    for (const archive of archives.all()) {
      const { name, size, newer } = archive;
      const exists = held.has(name);
      if (exists && !newer) {
        hpsspy.debug(`${name} is a valid backup.`);
        continue;
      }
      hpsspy.info(`${name} is ${size} bytes.`);
      if (Number(size) / 1024 ** 3 > limit) {
        hpsspy.error(`HPSS file ${name} would be too large, skipping backup!`);
        unsound += 1;
        continue;
      }
      hpsspy.debug(`Adding ${name} to missing backups.`);
      if (archive.files > 1 && !name.endsWith('.tar')) {
        ours.error(`${name} is not a .tar and can hold one file only: ${archive.files} files are mapped to it.`);
        unsound += 1;
      }
      selected += archive.files;
      due.push(archive);
      await file.write(`${before}\n  ${pythonJsonString(name)}: {\n    "files": [\n`);
      let between = '';
      const seen = severalDisks ? new Set<string>() : undefined;
      for (const text of archives.text(archive)) {
        if (between !== '') await file.write(between);
        await file.write(text);
        between = ',\n';
        if (seen !== undefined) unsound += tellTwice(seen, text, ours);
      }
      await file.write(`\n    ],\n    "size": ${size},\n    "newer": ${newer},\n    "exists": ${exists}\n  }`);
      before = ',';
    }
    await file.write(before === '{' ? '{}' : '\n}');
    await file.publish();
  } finally {
    await file.abandon();
  }
  if (selected > 0) hpsspy.info(`${selected} files selected for backup.`);
  return { selected, unsound, archives: due };
}

/** A file that is on two disks cannot be archived under one name without losing the other. */
function tellTwice(seen: Set<string>, text: Uint8Array, ours: Logger): number {
  let twice = 0;
  for (const line of Buffer.from(text).toString('latin1').split(',\n')) {
    if (!seen.has(line)) {
      seen.add(line);
      continue;
    }
    ours.error(`${JSON.parse(line) as string} is on several disks: none of them is archived.`);
    twice += 1;
  }
  return twice;
}
