import { baseOf, parentOf } from '../../model/relative-path.ts';
import {
  type ArchiveCommand,
  type ArchiveFacts,
  archiveCommand,
  factsOf,
  type HoldsOnly,
  holdsOnlyOnDisk,
} from './archive-command.ts';
import { type Logger, logger, standardLog, stowageLogger } from './log.ts';
import { missingArchives } from './missing-archives.ts';
import type { LogOptions } from './validate-configuration.ts';

export interface TellOptions extends LogOptions {
  /** Octal, of the directories that are made on HPSS; 2770 if absent. */
  readonly dirmode?: string;
  /** False if the commands are to follow: HPSSPy says of a test that it skips them. */
  readonly test?: boolean;
  /** Where temporary files go; TMPDIR, or /tmp, if absent. */
  readonly tmpdir?: string;
}

/** The archives that are to be stored, and how to know that a directory holds nothing else. */
export interface Selected {
  readonly archives: Iterable<ArchiveFacts>;
  readonly holdsOnly: HoldsOnly;
}

/** The archives of a missing file. */
export function selectedIn(missingCache: string): Selected {
  return { archives: factsIn(missingCache), holdsOnly: holdsOnlyOnDisk };
}

function* factsIn(missingCache: string): Generator<ArchiveFacts> {
  for (const archive of missingArchives(missingCache)) yield factsOf(archive);
}

/** Says which command stores each archive, in HPSSPy's words. Reaches no HPSS. False if an archive cannot be made. */
export function tellCommands(
  missingCache: string,
  diskRoots: readonly string[],
  hpssRoot: string,
  { log = standardLog, dirmode = '2770', test = true, tmpdir = process.env.TMPDIR ?? '/tmp' }: TellOptions,
  { archives, holdsOnly }: Selected = selectedIn(missingCache),
): boolean {
  const hpsspy = logger(log, 'hpsspy.scan.process_missing');
  const ours = logger(log, stowageLogger);
  hpsspy.debug(`Processing missing files from ${missingCache}.`);
  const made = new Set<string>();
  let sound = true;
  for (const archive of archives) {
    const command = archiveCommand(archive, diskRoots, holdsOnly);
    if (command.kind === 'impossible') {
      if (archive.name.endsWith('.tar')) hpsspy.error(`Could not find directories corresponding to ${archive.name}!`);
      ours.error(`${archive.name} cannot be made: ${command.why}`);
      sound = false;
      continue;
    }
    tellCommand(archive.name, command, { hpsspy, hpssRoot, dirmode, test, tmpdir, made });
  }
  hpsspy.debug(`os.chdir('${process.cwd()}')`);
  return sound;
}

interface Telling {
  readonly hpsspy: Logger;
  readonly hpssRoot: string;
  readonly dirmode: string;
  readonly test: boolean;
  readonly tmpdir: string;
  /** The directories on HPSS that were told of. */
  readonly made: Set<string>;
}

function tellCommand(
  name: string,
  command: Exclude<ArchiveCommand, { kind: 'impossible' }>,
  { hpsspy, hpssRoot, dirmode, test, tmpdir, made }: Telling,
): void {
  const target = `${hpssRoot}/${name}`;
  const folder = parentOf(target);
  const tellFolder = () => {
    if (made.has(folder)) return;
    made.add(folder);
    hpsspy.debug(`makedirs('${folder}', mode='${dirmode}')`);
  };
  if (command.kind === 'put') {
    tellFolder();
    hpsspy.info(`hsi('put', '${command.root}/${command.file}', ':', '${target}')`);
    if (test) hpsspy.debug('Test mode, skipping hsi command.');
    return;
  }
  const list = command.kind === 'list' ? `${tmpdir}/${baseOf(name).replaceAll('.tar', '.txt')}` : undefined;
  if (list !== undefined) {
    hpsspy.debug(list);
    if (test && hpsspy.wants('DEBUG') && command.kind === 'list') hpsspy.debug(`${command.members().join('\n')}\n`);
  }
  hpsspy.debug(`os.chdir('${command.root}/${command.base}')`);
  tellFolder();
  const what = command.kind === 'list' ? `'-L', '${list}'` : command.directories.map((one) => `'${one}'`).join(', ');
  hpsspy.info(`htar('-cvf', '${target}', '-H', 'crc:verify=all', ${what})`);
  if (test) hpsspy.debug('Test mode, skipping htar command.');
  if (list !== undefined) hpsspy.debug(`os.remove('${list}')`);
}
