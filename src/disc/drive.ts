import { constants } from 'node:fs';
import { access, readFile, realpath } from 'node:fs/promises';
import { fileError, StowageError, systemCode } from '../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../model/byte-name.ts';
import { type DiscMedia, mediumOf } from './media.ts';
import { type XorrisoOptions, xorriso } from './xorriso.ts';

/** What xorriso says of a drive and of what lies in it. */
export interface DriveState {
  /** `DVD+RW`, `CD-R`, `BD-RE`, …; what xorriso calls a regular file is `stdio file`. */
  readonly profile: string;
  readonly isBlank: boolean;
  readonly isAppendable: boolean;
  /** Where a next session would begin, in blocks; 0 for a blank medium. */
  readonly nextBlock: number;
  /** Where each session begins that is there. */
  readonly sessions: readonly number[];
}

/**
 * The real path of a target. Throws `missing` if there is nothing, and `refused` if it is mounted (by this or another of its names) or may not be written: a mounted
 * disc that is written is a broken one.
 */
export async function usableTarget(path: string): Promise<string> {
  const shown = displayName(path);
  const real = await realpath(fsPath(path), 'buffer').then(nameFromBytes, (error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw fileError(`cannot look at '${shown}'`, error);
    throw new StowageError('missing', `there is no '${shown}'`, {
      hint: `name the drive (ls /dev/sr*), or begin an image with an empty file: touch '${shown}'`,
      cause: error,
    });
  });
  const mounted = await mountedSources();
  if (mounted.has(path) || mounted.has(real))
    throw new StowageError('refused', `'${shown}' is mounted`, { hint: `umount '${shown}'` });
  try {
    await access(fsPath(real), constants.W_OK);
  } catch (cause) {
    throw new StowageError('refused', `'${shown}' may not be written by this user`, {
      hint: `ls -l '${shown}'`,
      cause,
    });
  }
  return real;
}

async function mountedSources(): Promise<ReadonlySet<string>> {
  try {
    const lines = (await readFile('/proc/self/mounts', 'latin1')).split('\n');
    const plain = (word: string) =>
      nameFromBytes(
        Buffer.from(
          word.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
          'latin1',
        ),
      );
    return new Set(lines.map((line) => plain(line.split(' ')[0]!)));
  } catch (error) {
    throw fileError('cannot see what is mounted', error);
  }
}

/** Asks a drive what lies in it. */
export async function driveState(address: string, options: XorrisoOptions): Promise<DriveState> {
  const { stdout, stderr } = await xorriso([['-dev', address], ['-toc']], options);
  return parsedState(`${stdout.toString('latin1')}\n${stderr.toString('latin1')}`);
}

/** The same from xorriso's own words. Throws `program` if they say nothing of a medium. */
export function parsedState(text: string): DriveState {
  const last = (pattern: RegExp) => [...text.matchAll(pattern)].at(-1)?.[1]?.trim();
  const profile = last(/^Media current: (.*)$/gm);
  const status = last(/^Media status : (.*)$/gm);
  if (profile === undefined || status === undefined || /not present/.test(profile))
    throw new StowageError('program', 'there is no medium in the drive, or xorriso does not see one', {
      facts: { text },
    });
  return {
    profile,
    isBlank: /is blank/.test(status),
    isAppendable: /is appendable|is overwriteable/.test(status),
    nextBlock: Number(last(/^Media nwa\s*: +(\d+)s$/gm) ?? 0),
    sessions: [...text.matchAll(/^ISO session\s*: +\d+ , +(\d+) ,/gm)].map((match) => Number(match[1])),
  };
}

/** Throws `mismatch` where something else lies in the drive than the configuration says. */
export function requireProfile(path: string, { profile }: DriveState, media: DiscMedia): void {
  if (profile.startsWith('stdio') || mediumOf(media).profile.test(profile)) return;
  throw new StowageError('mismatch', `in '${displayName(path)}' lies a ${displayName(profile)}, not a '${media}'`, {
    hint: 'put in such a medium, or name the one that is there in the configuration',
  });
}
