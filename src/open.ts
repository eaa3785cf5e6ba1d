import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, posix, resolve } from 'node:path';
import type { StateFolder } from './catalog/state-folder.ts';
import { fileError, StowageError, systemCode } from './errors.ts';
import { displayName, fsPath } from './model/byte-name.ts';
import { percentDecode } from './model/percent.ts';
import { printableWord } from './model/printable-word.ts';
import { isWithin, joinPath } from './model/relative-path.ts';
import { type Configuration, readConfiguration } from './rules/configuration.ts';
import { diskSections } from './rules/disk-substitution.ts';
import type { Problem } from './rules/problem.ts';
import type { StoreExamination } from './store/examination.ts';
import type { Store } from './store/store.ts';
import { directoryStore } from './stores/directory.ts';
import { directoryExamination } from './stores/directory-examination.ts';
import { discStore } from './stores/disc.ts';
import { discExamination } from './stores/disc-examination.ts';
import { mediaNamed } from './stores/disc-media.ts';
import { hpssStore } from './stores/hpss.ts';
import { hpssExamination } from './stores/hpss-examination.ts';
import { version } from './version.ts';

export interface OpenOptions {
  /** Where the record lives; absent: `.stowage` beside the configuration. */
  readonly state?: string;
  /** The file operations of a store on local disks; for tests. */
  readonly files?: Parameters<typeof directoryStore>[1];
  /** How many sessions of HPSS at once, whatever the configuration says. */
  readonly hpssSessions?: number;
  /** Told before each wait for HPSS: why, and how long. */
  readonly onHpssWait?: (wait: { readonly reason: string; readonly seconds: number }) => void;
  /** Told what one should know of the Grid: connections that were lost, what is left behind. */
  readonly onGrid?: (text: string) => void;
}

/** A configuration with the store that it names and the place of its record. */
export interface OpenedConfiguration {
  readonly configuration: Configuration;
  readonly store: Store;
  /** How the store is examined. */
  readonly examination: StoreExamination;
  readonly state: StateFolder;
  /** What is doubtful about the configuration and stops nothing. */
  readonly warnings: readonly Problem[];
}

/** Reads a configuration and says all that is wrong with it. Throws `configuration` only if the file cannot be read. */
export async function inspectConfiguration(path: string): Promise<ReturnType<typeof readConfiguration>> {
  let bytes: Buffer;
  try {
    bytes = await readFile(fsPath(path));
  } catch (error) {
    const { message } = fileError(`cannot read the configuration '${displayName(path)}'`, error);
    const hint = systemCode(error) === 'EACCES' ? 'make it readable for you' : 'give the path of a JSON file';
    throw new StowageError('configuration', message, { hint, cause: error });
  }
  return readConfiguration(bytes, path);
}

/**
 * Opens a configuration. Throws `configuration` with all its problems in `facts.problems`, or for a store that cannot be, or for a
 * store or state folder that lies inside the tree that it is to keep. Touches neither store nor state.
 */
export async function openConfiguration(path: string, options: OpenOptions = {}): Promise<OpenedConfiguration> {
  const { configuration, problems } = await inspectConfiguration(path);
  if (configuration === undefined) {
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    throw new StowageError('configuration', `${displayName(path)} has ${errors} ${errors === 1 ? 'error' : 'errors'}`, {
      hint: `correct ${errors === 1 ? 'it' : 'them'}; stowage check ${printableWord(path)} looks again`,
      facts: { problems },
    });
  }
  const folder = resolve(dirname(path));
  const state = { path: options.state === undefined ? joinPath(folder, '.stowage') : resolve(options.state) };
  const kept = await openStore(configuration, folder, state, options);
  refuseInside(configuration, state.path, 'the state folder', 'choose another place for it with --state DIR');
  return { configuration, ...kept, state, warnings: problems };
}

/** Opens the store that a configuration names; in `folder` relative paths begin. Throws as `openConfiguration` does. */
export async function openStore(
  configuration: Configuration,
  folder: string,
  state: StateFolder,
  options: OpenOptions,
): Promise<Pick<OpenedConfiguration, 'store' | 'examination'>> {
  const url = configuration.store ?? `hpss:${configuration.hpssRoot ?? ''}`;
  const [scheme, rest] = [url.slice(0, url.indexOf(':')), url.slice(url.indexOf(':') + 1)];
  // HPSSPy's hpss_root is a path as it is, and no URL.
  const path = configuration.store === undefined ? rest : percentDecode(rest);
  if (scheme === 'hpss') return openHpss(path, configuration, options);
  if (options.hpssSessions !== undefined)
    throw new StowageError('usage', `the store '${displayName(url)}' is not on HPSS: it has no sessions`, {
      hint: 'leave --sessions out',
    });
  if (scheme === 'grid') return openGrid(path, configuration, state, options);
  if (scheme !== 'dir' && scheme !== 'disc')
    throw new StowageError('configuration', `there is no store of the kind '${scheme}:' yet`, {
      hint: 'there are "dir:/path/of/a/directory", "disc:/path/of/an/image.iso", "hpss:/path/in/hpss" and "grid:/absolute/lfn"',
    });
  if (path === '')
    throw new StowageError('configuration', `the store "${scheme}:" names nothing`, {
      hint: scheme === 'dir' ? 'for example "dir:/vault/my_project"' : 'for example "disc:/vault/my_project.iso"',
    });
  const root = posix.normalize(isAbsolute(path) ? path : joinPath(folder, path)).replace(/(?<=.)\/+$/, '');
  refuseInside(configuration, root, 'the store', 'choose a directory outside of the tree');
  if (scheme === 'disc') return openDisc(root, configuration, state, options);
  return { store: directoryStore(root, options.files), examination: directoryExamination(root, options.files) };
}

function openDisc(
  path: string,
  { disc }: Configuration,
  state: StateFolder,
  { files }: OpenOptions,
): Pick<OpenedConfiguration, 'store' | 'examination'> {
  // Nothing can wait beside a device.
  const spool = disc.spool ?? (path.startsWith('/dev/') ? `${state.path}/spool` : undefined);
  const given = { media: mediaNamed(disc.media), spool, ...(files === undefined ? {} : { files }) };
  return { store: discStore(path, given), examination: discExamination(path, given) };
}

function openHpss(
  path: string,
  configuration: Configuration,
  { onHpssWait, hpssSessions }: OpenOptions,
): Pick<OpenedConfiguration, 'store' | 'examination'> {
  if (!path.startsWith('/') || path.split('/').some((part) => part === '..'))
    throw new StowageError('configuration', `'${displayName(path)}' is no absolute path in HPSS`, {
      hint: 'write it as "/home/p/my_project"',
    });
  const root = posix.normalize(path);
  const hpss = {
    ...configuration.hpss,
    ...(hpssSessions === undefined ? {} : { sessions: hpssSessions }),
    ...(onHpssWait === undefined ? {} : { onWait: onHpssWait }),
  };
  return { store: hpssStore(root, hpss), examination: hpssExamination(root, hpss) };
}

/** The code of the Grid is loaded here alone: the other stores need none of it. */
async function openGrid(
  path: string,
  { grid }: Configuration,
  state: StateFolder,
  { files, onGrid }: OpenOptions,
): Promise<Pick<OpenedConfiguration, 'store' | 'examination'>> {
  const root = posix.normalize(path).replace(/(?<=.)\/+$/, '');
  // A root that could be read as a pattern would make one of every name below it.
  const problem = !path.startsWith('/')
    ? 'is no absolute name on the Grid'
    : root === '/' || path.split('/').includes('..') || /[*?[\]\p{Cc}\p{Surrogate}]/u.test(path)
      ? 'cannot be the directory of a store on the Grid'
      : undefined;
  if (problem !== undefined)
    throw new StowageError('configuration', `'${displayName(path)}' ${problem}`, {
      hint: 'write it as "grid:/alice/cern.ch/user/j/jalien/backup"',
    });
  const [{ gridStore }, { gridExamination }] = await Promise.all([
    import('./stores/grid.ts'),
    import('./stores/grid-examination.ts'),
  ]);
  const given = {
    state: state.path,
    spool: grid.spool,
    where: grid.replicas,
    writes: grid.writes,
    files,
    tell: onGrid,
    connection: { agent: version },
  };
  return { store: gridStore(root, given), examination: gridExamination(root, given) };
}

/** What is written while a section is archived must not be part of it. */
function refuseInside(configuration: Configuration, path: string, what: string, hint: string): void {
  for (const section of configuration.sections.keys()) {
    const roots = diskSections(configuration.root, configuration.physicalDisks, section).map((one) => one.sectionRoot);
    const inside = [joinPath(configuration.root, section), ...roots].find((root) => isWithin(path, root));
    if (inside === undefined) continue;
    throw new StowageError(
      'configuration',
      `${what} '${displayName(path)}' lies inside the section '${displayName(section)}' (${displayName(inside)})`,
      {
        hint,
      },
    );
  }
}
