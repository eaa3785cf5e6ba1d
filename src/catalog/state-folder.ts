import { readdir } from 'node:fs/promises';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { percentDecode, percentEncode } from '../model/percent.ts';

/** Where the record of all runs lives: beside the configuration, or where `--state` says. */
export interface StateFolder {
  readonly path: string;
}

/** The folder with the journals of one section. A section's name is percent-encoded, so that it is one folder whatever it holds. */
export function journalFolder(state: StateFolder, section: string): string {
  return `${state.path}/journal/${encodeSection(section)}`;
}

/** The journal of one run. */
export function journalPath(state: StateFolder, section: string, run: string): string {
  return `${journalFolder(state, section)}/${run}.jsonl`;
}

/** The folder with what is derived from the journals of one section: all of it may be deleted at any time. */
export function indexFolder(state: StateFolder, section: string): string {
  return `${state.path}/index/${encodeSection(section)}`;
}

/** What a journal says but for its members. */
export function headsPath(state: StateFolder, section: string, run: string): string {
  return `${indexFolder(state, section)}/${run}${headsEnding}`;
}

/** What the names of these files end in. */
export const headsEnding = '.heads.jsonl';

/** Where commands put aside what does not fit into memory while they are at work. */
export function workParent(state: StateFolder): string {
  return `${state.path}/work`;
}

/** The lock of one section. */
export function lockPath(state: StateFolder, section: string): string {
  return `${state.path}/lock/${encodeSection(section)}.json`;
}

/** The folder with the listings of one section, each in a folder of its own. */
export function listingsFolder(state: StateFolder, section: string): string {
  return `${state.path}/listing/${encodeSection(section)}`;
}

/** The scans of a section that left something, finished or not, oldest first. */
export async function scansOf(state: StateFolder, section: string): Promise<readonly string[]> {
  return (await namesIn(listingsFolder(state, section))).filter((name) => runPattern.test(name)).sort();
}

/** The runs that have a journal, oldest first. Empty only if there is none. */
export async function runsOf(state: StateFolder, section: string): Promise<readonly string[]> {
  const names = await namesIn(journalFolder(state, section));
  return names
    .filter((name) => name.endsWith('.jsonl') && !name.startsWith('.'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort();
}

/** The sections that have a journal, sorted. */
export async function recordedSections(state: StateFolder): Promise<readonly string[]> {
  return (await namesIn(`${state.path}/journal`))
    .filter((name) => !name.startsWith('.'))
    .map(percentDecode)
    .sort();
}

const runPattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})\.(\d{3})Z-[0-9a-f]{8}$/;

/**
 * The name of a new run: UTC time and a random part. Later than every run in `existing`, even if the clock went back:
 * the catalog folds runs in the order of their names.
 */
export function newRunName(now: Date, random: Uint8Array, existing: readonly string[]): string {
  const last = existing.at(-1);
  const lastTime = last === undefined ? Number.NEGATIVE_INFINITY : timeOfRun(last);
  const time = new Date(Math.max(now.getTime(), lastTime + 1));
  return `${time.toISOString().replace(/[-:]/g, '')}-${Buffer.from(random).toString('hex').slice(0, 8)}`;
}

/** When a run began by its name: milliseconds since 1970 UTC. Throws `corrupt` for what is no name of a run. */
export function timeOfRun(run: string): number {
  const match = runPattern.exec(run);
  if (match === null)
    throw new StowageError('corrupt', `'${run}' is not the name of a run`, {
      hint: 'move that file out of the journal folder',
    });
  const [, year, month, day, hour, minute, second, millisecond] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(fsPath(folder));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(
      `cannot read the state folder '${displayName(folder)}'`,
      error,
      'run it as the user who keeps the record, or name another one with --state DIR',
    );
  }
}

function encodeSection(section: string): string {
  return percentEncode(section, '-_');
}
