import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { blockSource } from '../../disc/block-source.ts';
import { forgetCached } from '../../disc/forget-cached.ts';
import type { Graft } from '../../disc/graft-tree.ts';
import type { MediumFacts } from '../../disc/look-at-medium.ts';
import { readContent } from '../../disc/read-content.ts';
import type { DiscEntry } from '../../disc/read-tree.ts';
import { fileError, isStowageError } from '../../errors.ts';
import { displayName, fsPath, nameFromBytes } from '../../model/byte-name.ts';
import type { Member } from '../../model/manifest.ts';
import { directoriesBetween, joinPath } from '../../model/relative-path.ts';
import { indicators, isIndicator } from '../indicators.ts';
import { digestOf } from '../staging/present.ts';
import type { StagedDay } from '../stored/staged-day.ts';

/** True if a disc shows a member as it was when it was staged, as far as its directory says. */
export function isShownAs(entry: DiscEntry | undefined, member: Member): boolean {
  if (entry === undefined || entry.type !== member.type || entry.bytes !== member.bytes) return false;
  const seconds = Number(member.mtimeNs / 1_000_000_000n) - (member.mtimeNs % 1_000_000_000n < 0n ? 1 : 0);
  return entry.target === member.target && entry.mtimeSeconds === seconds;
}

/**
 * What of a day is on a medium already, by path in the day, with the digests of files: every one was read there, and is what was staged. What cannot be read is not
 * there.
 */
export async function provenOn(
  target: string,
  { shown }: MediumFacts,
  { day, folder, members }: StagedDay,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string | undefined>> {
  const proven = new Map<string, string | undefined>();
  const candidates = [...members.values()].filter((one) => isShownAs(shown.get(`${day}/${one.path}`), one));
  if (candidates.length === 0) return proven;
  await forgetCached(target, signal);
  const source = await blockSource(target);
  try {
    for (const { path, type, sha256 } of candidates) {
      if (type !== 'file') {
        proven.set(path, undefined);
        continue;
      }
      const there = await discDigest(source, shown.get(`${day}/${path}`)!, signal);
      if (there === undefined) continue;
      if (there === (sha256 ?? (await digestOf(`${folder}/${path}`)))) proven.set(path, there);
    }
  } finally {
    await source.close();
  }
  return proven;
}

/** The hex SHA-256 of a file on a disc; undefined where it cannot be read. */
export async function discDigest(
  source: Awaited<ReturnType<typeof blockSource>>,
  entry: DiscEntry,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of readContent(source, entry, signal)) hash.update(chunk);
    return hash.digest('hex');
  } catch (error) {
    if (isStowageError(error, 'corrupt', 'unavailable')) return undefined;
    throw error;
  }
}

/**
 * What must be put on a disc so that it holds a day; empty if all is there. Where the disc shows nothing of the day that is all of it, but for `cback.store`;
 * else what is new or another one; `done` is on this disc or another one already. Indicators alone are no reason to write.
 */
export function graftsFor(
  { day, folder }: StagedDay,
  shown: MediumFacts['shown'],
  done: ReadonlySet<string>,
): readonly Graft[] {
  const grafts: Graft[] = [];
  const above = new Set([...done].flatMap((path) => directoriesBetween('', path)));
  let isNeeded = shown.get(day)?.type !== 'directory';
  const walk = (at: string): void => {
    for (const { name, isDirectory } of childrenOf(joinPath(folder, at))) {
      const path = joinPath(at, name);
      if (path === indicators.store || done.has(path)) continue;
      if (isDirectory && (above.has(path) || shown.get(`${day}/${path}`)?.type === 'directory')) {
        walk(path);
        continue;
      }
      isNeeded ||= !isIndicator(name);
      grafts.push({ from: joinPath(folder, path), at: `${day}/${path}` });
    }
  };
  walk('');
  return isNeeded ? grafts : [];
}

function childrenOf(folder: string): readonly { readonly name: string; readonly isDirectory: boolean }[] {
  try {
    const entries = readdirSync(fsPath(folder), { withFileTypes: true, encoding: 'buffer' });
    return entries
      .sort((one, other) => Buffer.compare(one.name, other.name))
      .map((entry) => ({ name: nameFromBytes(entry.name), isDirectory: entry.isDirectory() }));
  } catch (error) {
    throw fileError(`cannot look at '${displayName(folder)}'`, error);
  }
}
