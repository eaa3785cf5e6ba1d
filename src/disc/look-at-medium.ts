import { stat } from 'node:fs/promises';
import { fileError } from '../errors.ts';
import { displayName, fsPath } from '../model/byte-name.ts';
import { type BlockSource, blockBytes, blockSource } from './block-source.ts';
import { driveState } from './drive.ts';
import type { DiscEntry } from './read-tree.ts';
import { readTree } from './read-tree.ts';
import { sessionsOf, type Volume } from './volume.ts';

/** An image, or what lies in a drive, as it is now. */
export interface MediumFacts {
  /** True for a regular file. */
  readonly isImage: boolean;
  /** What it was begun with, and when, as its first session says (`YYYYMMDDhhmmsscc` and the zone in quarters of an hour); undefined for a blank one. The two tell one medium from all others. */
  readonly begun: { readonly label: string; readonly at: string } | undefined;
  /** The label of the newest session: what a system shows. */
  readonly label: string | undefined;
  readonly sessions: readonly Volume[];
  /** What it shows, by path. */
  readonly shown: ReadonlyMap<string, DiscEntry>;
  /** Where its sessions begin, for a medium that tells it to the drive alone. */
  readonly starts: readonly number[] | undefined;
}

const blank = { begun: undefined, label: undefined, sessions: [], shown: new Map() } as const;

/**
 * Looks at an image or at what lies in a drive; nothing is written. Throws `missing` or `unavailable` for what cannot be looked at, `corrupt` where its
 * directories cannot be read, `program` where there is no medium in the drive.
 */
export async function lookAtMedium(
  path: string,
  options: { readonly xorriso?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<MediumFacts> {
  const found = await stat(fsPath(path)).catch((error: unknown) => {
    throw fileError(`cannot look at '${displayName(path)}'`, error);
  });
  const isImage = found.isFile();
  if (isImage && found.size === 0) return { ...blank, isImage, starts: undefined };
  const drive = isImage ? undefined : await driveState(path, { program: options.xorriso, signal: options.signal });
  if (drive?.isBlank) return { ...blank, isImage, starts: undefined };
  const starts = drive?.sessions;
  const source = await blockSource(path);
  try {
    const sessions = await sessionsOf(source, starts);
    const [first, newest] = [sessions[0], sessions.at(-1)];
    if (first === undefined || newest === undefined) return { ...blank, isImage, starts };
    const shown = new Map<string, DiscEntry>();
    for await (const entry of readTree(source, newest)) shown.set(entry.path, entry);
    const begun = { label: first.label, at: await createdAt(source, first) };
    return { isImage, begun, label: newest.label, sessions, shown, starts };
  } finally {
    await source.close();
  }
}

/** The volume creation date of a session (ECMA-119, 8.4.26). */
async function createdAt(source: BlockSource, { start }: Volume): Promise<string> {
  const descriptor = await source.read(start + 16, blockBytes);
  return `${descriptor.toString('latin1', 813, 829)}${descriptor.readInt8(829)}`;
}
