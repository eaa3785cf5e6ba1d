import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A class of service: how files of up to so many bytes are kept. */
export interface ServiceClass {
  readonly id: number;
  readonly name: string;
  readonly upToBytes: number;
  readonly copies: number;
}

/** What a scratch system is like; `system.json` in its folder, to be changed by hand. docs/sandbox.md explains each. */
export interface Settings {
  readonly format: 'stowage-sandbox-hpss-1';
  readonly user: string;
  readonly group: string;
  readonly uid: number;
  readonly home: string;
  readonly sites: readonly string[];
  readonly zone: string;
  /** ISO 8601; absent: the time of this machine. */
  readonly now?: string;
  readonly classes: readonly ServiceClass[];
  /** 0: no quota. */
  readonly quotaBytes: number;
  readonly mostSessions: number;
  readonly migration: 'at-once' | 'when-asked';
  readonly cartridgeBytes: number;
  /** So many cartridges are filled in turn. */
  readonly tapesAtOnce: number;
  readonly drives: number;
  readonly mountSeconds: number;
  readonly bytesPerSecond: number;
  /** Seconds to really wait for each second that is counted. */
  readonly realSecondsPerSecond: number;
  readonly listingsOn: 'standard error' | 'standard output';
  readonly names: 'bytes' | 'printable ASCII';
  readonly moveOverwrites: boolean;
  readonly firewall: boolean;
}

export const defaultSettings: Settings = {
  format: 'stowage-sandbox-hpss-1',
  user: 'elvis',
  group: 'elvis',
  uid: 61406,
  home: '/home/e/elvis',
  sites: ['archive', 'regent'],
  zone: 'America/Los_Angeles',
  classes: [
    { id: 5081, name: 'small', upToBytes: 2 ** 28, copies: 1 },
    { id: 5082, name: 'medium', upToBytes: 2 ** 35, copies: 1 },
    { id: 5083, name: 'large', upToBytes: Number.MAX_SAFE_INTEGER, copies: 1 },
  ],
  quotaBytes: 0,
  mostSessions: 15,
  migration: 'at-once',
  cartridgeBytes: 2 ** 30,
  tapesAtOnce: 3,
  drives: 2,
  mountSeconds: 90,
  bytesPerSecond: 250e6,
  realSecondsPerSecond: 0,
  listingsOn: 'standard error',
  names: 'bytes',
  moveOverwrites: false,
  firewall: false,
};

/** The file of the settings below a system's folder. */
export function settingsFile(folder: string): string {
  return join(folder, 'system.json');
}

/** The settings of the system in this folder; undefined if there is none. What the file leaves out is as by default. */
export function readSettings(folder: string): Settings | undefined {
  let text: string;
  try {
    text = readFileSync(settingsFile(folder), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  const found = JSON.parse(text) as Partial<Settings>;
  return found.format === defaultSettings.format ? { ...defaultSettings, ...found } : undefined;
}
