import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileError, systemCode } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { joinPath } from '../../model/relative-path.ts';
import { factsOf, typeOf } from '../../scan/entry-of.ts';
import { isSameMember } from './staged-member.ts';

/** What of a peer lies here already: in its directory of the day, and in the work folder of a run that was stopped. */
export interface Present {
  /** True if there is nothing, so that nothing needs to be asked. */
  readonly isEmpty: boolean;
  /** The entry as it lies here, with its digest, if it is what is expected. */
  find(expected: Member): Promise<{ readonly place: 'day' | 'work'; readonly member: Member } | undefined>;
}

/** Looks in both places. What the manifest knows with this size and time needs not be read again; anything else is hashed here. */
export async function presentIn(
  dayFolder: string | undefined,
  workFolder: string,
  known: ReadonlyMap<string, Member>,
): Promise<Present> {
  const places = [
    ...(dayFolder === undefined ? [] : [{ place: 'day' as const, folder: dayFolder }]),
    { place: 'work' as const, folder: workFolder },
  ];
  const isEmpty = (await Promise.all(places.map(({ folder }) => isEmptyFolder(folder)))).every(Boolean);
  return {
    isEmpty,
    async find(expected) {
      if (isEmpty) return undefined;
      // What was sent last is what counts: a stopped run may have begun to replace what the day holds.
      for (const { place, folder } of places.toReversed()) {
        const path = joinPath(folder, expected.path);
        const found = memberAt(path, expected);
        if (found === undefined || !isSameMember(found, expected)) continue;
        if (found.uid !== expected.uid || found.gid !== expected.gid) continue;
        if (expected.type !== 'file') return { place, member: expected };
        const recorded = place === 'day' ? known.get(expected.path) : undefined;
        const isRecorded = recorded?.sha256 !== undefined && isSameMember(recorded, expected);
        const sha256 = isRecorded ? recorded.sha256 : await digestOf(path);
        return { place, member: { ...expected, ...(sha256 === undefined ? {} : { sha256 }) } };
      }
      return undefined;
    },
  };
}

async function isEmptyFolder(folder: string): Promise<boolean> {
  try {
    return (await readdir(fsPath(folder), 'buffer')).length === 0;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return true;
    throw fileError(`cannot look at '${displayName(folder)}'`, error);
  }
}

function memberAt(path: string, { path: name }: Member): Member | undefined {
  try {
    const found = lstatSync(fsPath(path), { bigint: true });
    const type = typeOf(Number(found.mode));
    if (type !== 'file' && type !== 'link' && type !== 'directory') return undefined;
    return {
      path: name,
      ...factsOf(type, found),
      ...(type === 'link' ? { target: nameFromBytes(readlinkSync(fsPath(path), 'buffer')) } : {}),
    };
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fileError(`cannot look at '${displayName(path)}'`, error);
  }
}

/** The SHA-256 of a file that lies here, or of a part of it; `start` and `end` are the first and the last byte. */
export async function digestOf(
  path: string,
  part: { readonly start?: number; readonly end?: number } = {},
): Promise<string> {
  const digest = createHash('sha256');
  try {
    for await (const piece of createReadStream(fsPath(path), { ...part, highWaterMark: 1024 * 1024 }))
      digest.update(piece as Buffer);
  } catch (error) {
    throw fileError(`cannot read '${displayName(path)}'`, error);
  }
  return digest.digest('hex');
}
