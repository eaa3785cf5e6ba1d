import { existsSync } from 'node:fs';
import { StowageError } from '../../errors.ts';
import type { HpssOptions } from '../../hpss/hpss-options.ts';
import { fsPath } from '../../model/byte-name.ts';
import { workerUrl } from '../../model/worker-url.ts';
import type { Signals } from '../../signals.ts';
import type { Crew } from '../../threads/crew.ts';
import { scanCrew } from '../../verbs/listing/scan-crew.ts';
import { holdsOnlyListed } from './archive-command.ts';
import { readNote } from './cache-note.ts';
import type { CsvEnd } from './csv-blocks.ts';
import { filesToHpss, type HpssSettings } from './files-to-hpss.ts';
import { type FoundMissing, type HpssFiles, searchMissing } from './find-missing.ts';
import { type Log, logger, stowageLogger, tellError } from './log.ts';
import type { Options } from './options.ts';
import { physicalDisks } from './physical-disks.ts';
import { diskScan, listDisk } from './scan-disk.ts';
import { type Selected, selectedIn, tellCommands } from './tell-commands.ts';
import { validateConfiguration } from './validate-configuration.ts';

/** How the command runs. */
export interface RunOptions extends Partial<Pick<Signals, 'stop' | 'signal'>> {
  /** The process is there for this command alone, which may stand in another folder for a while. */
  readonly ownsProcess?: boolean;
}

/**
 * All stages of the command: check the configuration, list HPSS and the disks, find what is missing, store it. One that finds something wrong does
 * not keep the next from running, unless the options say so. True if nothing is wrong.
 */
export async function stages(wanted: Options, log: Log, run: RunOptions = {}): Promise<boolean> {
  const crew = scanCrew({}, { tasksInHand: 2 });
  try {
    // While all that comes before the scan is done, a thread for it starts; of several the last when it is needed.
    const isScanNext = wanted.test && (wanted.overwriteDisk || !existsSync(fsPath(diskCacheOf(wanted))));
    if (isScanNext) crew.warm(workerUrl(diskScan), crew.size - 1);
    return await stagesWith(crew, wanted, log, run);
  } finally {
    await crew.close();
  }
}

function diskCacheOf({ cacheDir, section }: Options): string {
  return `${cacheDir}/disk_files_${section}.csv`;
}

async function stagesWith(
  crew: Crew,
  wanted: Options,
  log: Log,
  { ownsProcess = false, ...signals }: RunOptions,
): Promise<boolean> {
  const { signal } = signals;
  const hpsspy = logger(log, 'hpsspy.scan');
  const { config, section, cacheDir, test } = wanted;
  if (validateConfiguration(config, { log }) !== 0) return false;
  const [map, settings] = filesToHpss(config, section, { log });
  const { root, hpssRoot, disks } = await placesOf(config, section, settings);
  let held: HpssFiles | undefined;
  let hpss: HpssOptions = {};
  if (test) {
    hpsspy.info('Test mode. Pretending no files exist on HPSS.');
    held = new Map();
  } else {
    hpsspy.debug(`Cache files will be written to ${cacheDir}.`);
    const cache = `${cacheDir}/hpss_files_${section}.csv`;
    hpsspy.debug(`hpss_files_cache = '${cache}'`);
    hpss = { ...(await hpssSettings(config)), ...(signal && { signal }) };
    held = await listHpss(hpssRoot, cache, hpss, wanted, log);
  }
  const diskCache = diskCacheOf(wanted);
  hpsspy.debug(`disk_files_cache = '${diskCache}'`);
  refuseStopped(signals);
  const missing = `${cacheDir}/missing_files_${section}.json`;
  let seen: boolean;
  let found: FoundMissing;
  try {
    const listed = await listDisk(disks, diskCache, {
      ...{ overwrite: wanted.overwriteDisk, log, crew, mayStandIn: ownsProcess },
      ...(signal && { signal }),
    });
    seen = listed.sound;
    refuseStopped(signals);
    if (!seen && wanted.exitOnError) return false;
    // What HPSS holds is not known: everything would seem to be missing.
    if (held === undefined) return false;
    hpsspy.debug(`missing_files_cache = '${missing}'`);
    found = await searchMissing(map, held, diskCache, missing, {
      ...{ log, report: wanted.report, limit: wanted.limit, severalDisks: disks.length > 1, crew },
      ...(listed.rows && { rows: listed.rows }),
    });
  } finally {
    await crew.close();
  }
  if (hpss.zone === undefined && found.archives.some((one) => one.newer)) {
    const remedy = `set "zone" under "hpss" in "__config__" to that of your hsi, and list HPSS again with -H`;
    logger(log, stowageLogger).warning(
      `the times that HPSS shows were read as UTC: if files are newer by hours only, ${remedy}.`,
    );
  }
  const whole = tellOfCache(diskCache, found.cache, log);
  if (!found.sound && wanted.exitOnError) return false;
  // What lies on other disks is mostly linked into the root, and HPSSPy names it there.
  const places = [`${root}/${section}`, ...disks.filter((one) => one !== `${root}/${section}`)];
  const stored = test
    ? tellCommands(missing, places, hpssRoot, { log }, selectedFrom(found, missing, log))
    : !wanted.process ||
      (await store(wanted, missing, places, hpssRoot, selectedFrom(found, missing, log), log, signals));
  return seen && found.sound && whole && stored;
}

/** The commands, and then what came of them. */
async function store(
  { config, section, limit }: Options,
  missing: string,
  places: readonly string[],
  hpssRoot: string,
  selected: Selected,
  log: Log,
  signals: Partial<Pick<Signals, 'stop' | 'signal'>>,
): Promise<boolean> {
  const { archiveSection } = await import('./archive-section.ts');
  if (log.wants('INFO')) tellCommands(missing, places, hpssRoot, { log, test: false }, selected);
  refuseStopped(signals);
  return archiveSection(config, section, { log, limit, ...signals });
}

/** What was found, as it is in memory; only what lists all names is read from the missing file again. */
function selectedFrom({ archives, directories }: FoundMissing, missing: string, log: Log): Selected {
  const holdsOnly = holdsOnlyListed(directories);
  if (log.wants('DEBUG')) return { ...selectedIn(missing), holdsOnly };
  const facts = archives.map(({ name, files, first, places }) => ({
    name,
    count: files,
    first,
    places,
    files: () => [],
  }));
  return { archives: facts, holdsOnly };
}

interface Places {
  readonly root: string;
  readonly hpssRoot: string;
  /** Where the section lies on the disks. */
  readonly disks: readonly string[];
}

/** Throws `configuration` for what the settings lack. */
async function placesOf(config: string, section: string, settings: HpssSettings): Promise<Places> {
  const text = (key: string) => {
    const value = settings[key];
    if (typeof value === 'string' && value !== '') return value.replace(/(?<=.)\/+$/, '');
    throw new StowageError('configuration', `${config} says no '${key}' in '__config__'`, {
      hint: `add "${key}": "/…"`,
    });
  };
  const root = text('root');
  const disks = await physicalDisks(`${root}/${section}`, { root, physical_disks: settings.physical_disks });
  return { root, hpssRoot: `${text('hpss_root')}/${section}`, disks };
}

/** How the configuration says that HPSS is reached. Throws `configuration` if it names another store than `hpss_root`. */
async function hpssSettings(config: string): Promise<HpssOptions> {
  const { inspectConfiguration } = await import('../../open.ts');
  const { configuration } = await inspectConfiguration(config);
  const store = configuration?.store;
  if (store !== undefined && store !== `hpss:${configuration?.hpssRoot}`) {
    throw new StowageError(
      'configuration',
      `missing_from_hpss stores below 'hpss_root', and ${config} names the store '${store}'`,
      {
        hint: `take out "store"; or use stowage archive ${config} SECTION`,
      },
    );
  }
  return configuration?.hpss ?? {};
}

/** Undefined if HPSS cannot be listed, which is told: the other stages that can run still do. */
async function listHpss(
  root: string,
  cache: string,
  hpss: HpssOptions,
  wanted: Options,
  log: Log,
): Promise<HpssFiles | undefined> {
  try {
    const { scanHpss } = await import('./scan-hpss.ts');
    return await scanHpss(root, cache, { overwrite: wanted.overwriteHpss, log, hpss });
  } catch (error) {
    if (hpss.signal?.aborted) throw error;
    tellError(log, error);
    return undefined;
  }
}

/** False if the cache is not what was written, or was cut off: then it does not say what is on disk. */
function tellOfCache(cache: string, end: CsvEnd, log: Log): boolean {
  const note = readNote(cache);
  const altered = note !== undefined && note.bytes === end.bytes && note.crc32 !== end.crc32;
  const ours = logger(log, stowageLogger);
  if (altered) ours.warning(`${cache} is not as Stowage made it. -D makes it anew.`);
  if (!end.ended) ours.error(`${cache} ends in the middle of a row: it does not list all files. -D makes it anew.`);
  return end.ended;
}

/** Between two stages it can be stopped gently as well. */
function refuseStopped({ stop, signal }: Partial<Pick<Signals, 'stop' | 'signal'>>): void {
  signal?.throwIfAborted();
  stop?.throwIfAborted();
}
