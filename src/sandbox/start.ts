import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { ensureDirectory, realDisk, writeOwnFile } from './hpss/system/disk.ts';
import { defaultSettings, readSettings, settingsFile } from './hpss/system/settings.ts';
import { tapeUse } from './hpss/system/tape.ts';
import type { ScratchGrid, ScratchGridOptions } from './jalien/scratch-grid.ts';

/** A scratch system that a user can try things on. */
export interface Sandbox {
  readonly system: 'hpss';
  readonly folder: string;
  /** False if it was there already. */
  readonly made: boolean;
  /** Variables to export. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where the programs lie; to be put before the rest of PATH. */
  readonly programs: string;
  /** The home directory in it. */
  readonly home: string;
  /** How much it was used so far: sessions, mounts of tapes, and the seconds that all of it would have taken. */
  readonly use: { readonly sessions: number; readonly mounts: number; readonly seconds: number };
}

/**
 * Makes a scratch HPSS in this folder, which must be new, empty, or one already: then it is left as it is, and only its programs are linked again. `programs` is the
 * folder of the built `hsi` and `htar`. Throws `refused` for a folder with anything else in it.
 */
export function startHpss(given: string, programs = builtPrograms()): Sandbox {
  const folder = resolve(given);
  const there = readSettings(folder);
  if (there === undefined) {
    mustBeEmpty(folder);
    for (const name of ['bin', 'attributes', `files${defaultSettings.home}`]) ensureDirectory(join(folder, name));
  }
  for (const program of ['hsi', 'htar']) linkProgram(join(programs, program), join(folder, 'bin', program));
  // Last: a folder that has it is a whole system.
  if (there === undefined) writeOwnFile(settingsFile(folder), `${JSON.stringify(defaultSettings, null, 2)}\n`);
  const settings = there ?? defaultSettings;
  const { mounts, seconds } = tapeUse({ folder, settings, disk: realDisk });
  return {
    system: 'hpss',
    folder,
    made: there === undefined,
    variables: { HPSS_DIR: folder },
    programs: join(folder, 'bin'),
    home: settings.home,
    use: {
      sessions: countSessions(join(folder, 'sessions.jsonl')),
      mounts,
      seconds: Math.round(seconds * 1000) / 1000,
    },
  };
}

/** Beside the program that runs; from the sources, as tests run them, in dist. */
function builtPrograms(): string {
  const fromSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(`${fromSource ? '../../dist' : '.'}/sandbox/bin`, import.meta.url));
}

function mustBeEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new StowageError('refused', `'${displayName(folder)}' holds something that is no scratch system`, {
    hint: 'name a folder that is empty or not there',
  });
}

function linkProgram(program: string, link: string): void {
  if (!existsSync(program)) {
    throw new StowageError('unavailable', `the stand-in '${program}' is not there`, { hint: 'npm run build makes it' });
  }
  try {
    if (readlinkSync(link) === program) return;
    realDisk.removeFile(link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  realDisk.makeLink(program, link);
}

/** Starts a scratch Grid over this folder: see `startScratchGrid`. It is loaded when it is asked for. */
export async function startGrid(folder: string, options: ScratchGridOptions = {}): Promise<ScratchGrid> {
  const { startScratchGrid } = await import('./jalien/scratch-grid.ts');
  return startScratchGrid(folder, options);
}

function countSessions(file: string): number {
  if (!existsSync(file)) return 0;
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"begin"')).length;
}
