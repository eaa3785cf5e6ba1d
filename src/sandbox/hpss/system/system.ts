import { dirname, join } from 'node:path';
import { type Disk, realDisk } from './disk.ts';
import { readSettings, type Settings } from './settings.ts';

/** One scratch HPSS: a folder with `files` (what it holds, by HPSS path), what is known of them beside it, and its settings. */
export interface System {
  readonly folder: string;
  readonly settings: Settings;
  /** How it changes disks; a fault that lies puts another one here. */
  disk: Disk;
}

/** The variable that names the folder; without it the folder above the program's own `bin` counts, then `HPSS_DIR`. */
export const systemVariable = 'STOWAGE_SANDBOX_HPSS';

/** The system that a program called by this path works on; undefined if none is to be found. */
export function findSystem(program: string, environment: NodeJS.ProcessEnv): System | undefined {
  const named = environment[systemVariable];
  const folders = named === undefined ? [dirname(dirname(program)), environment.HPSS_DIR] : [named];
  for (const folder of folders) {
    if (folder === undefined) continue;
    const settings = readSettings(folder);
    if (settings !== undefined) return { folder, settings, disk: realDisk };
  }
  return undefined;
}

/** The system's time, in milliseconds since 1970 UTC. */
export function nowMs({ settings }: System): number {
  return settings.now === undefined ? Date.now() : Date.parse(settings.now);
}

/** Where something of the system's own lies. */
export function place(system: System, ...names: readonly string[]): string {
  return join(system.folder, ...names);
}
