import { StowageError } from '../errors.ts';
import { displayName } from '../model/byte-name.ts';
import { blockSource } from './block-source.ts';
import { checkDisc, type DiscCheckOptions } from './check-disc.ts';
import type { Grafted } from './graft-tree.ts';
import { type DiscEntry, readTree } from './read-tree.ts';
import { graftCommands, type SessionPlan } from './session-plan.ts';
import { type DiscDigests, sourceDigests } from './source-digests.ts';
import { type DiscVerdict, faultText } from './verdict.ts';
import { sessionsOf } from './volume.ts';
import type { WriteOptions } from './writer.ts';
import { type XorrisoCommand, type XorrisoOptions, xorriso } from './xorriso.ts';

/**
 * What an image or medium shows now, by path; nothing if it is empty. Throws `corrupt` where that cannot be read. `starts` is where its
 * sessions begin, for a medium that tells it to the drive alone.
 */
export async function shownBy(path: string, starts?: readonly number[]): Promise<ReadonlyMap<string, DiscEntry>> {
  const source = await blockSource(path);
  try {
    const shown = new Map<string, DiscEntry>();
    const newest = source.bytes === 0 ? undefined : (await sessionsOf(source, starts)).at(-1);
    if (newest === undefined) return shown;
    for await (const entry of readTree(source, newest)) shown.set(entry.path, entry);
    return shown;
  } finally {
    await source.close();
  }
}

/** Has xorriso write a session, while the digests of its files are computed from the disk. */
export async function writeSession(
  prepare: readonly XorrisoCommand[],
  plan: SessionPlan,
  tree: ReadonlyMap<string, Grafted>,
  { digests: known, signal }: WriteOptions,
  options: XorrisoOptions,
): Promise<DiscDigests> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  // Without `_eject` it would read the medium in again, which nobody here needs.
  const commands: XorrisoCommand[] = [...prepare, ...graftCommands(plan), ['-commit_eject', 'none']];
  const writing = xorriso(commands, { ...options, signal: both });
  const digesting = sourceDigests(tree, known, both);
  // The first failure ends the other; it is the one that is told.
  const [written, digested] = await Promise.allSettled([
    writing.catch((error: unknown) => {
      stop.abort();
      throw error;
    }),
    digesting.catch((error: unknown) => {
      stop.abort();
      throw error;
    }),
  ]);
  const failures = [written, digested].flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (failures.length > 0) {
    signal?.throwIfAborted();
    throw failures.find((one) => !isStop(one)) ?? failures[0];
  }
  return (digested as PromiseFulfilledResult<DiscDigests>).value;
}

/** Reads back what was written. Throws `corrupt`, naming the first that is wrong, unless all is there and as it was. */
export async function requireWritten(
  path: string,
  written: ReadonlyMap<string, Grafted>,
  kept: ReadonlyMap<string, DiscEntry>,
  digests: DiscDigests,
  options: Pick<DiscCheckOptions, 'xorriso' | 'signal' | 'starts'>,
): Promise<DiscVerdict> {
  const verdict = await checkDisc(path, { expected: { written, kept, digests }, ...options });
  requireFlawless(verdict, path);
  return verdict;
}

/** Throws `corrupt`, naming what is wrong, unless nothing is. */
export function requireFlawless(verdict: DiscVerdict, path: string): void {
  if (verdict.faults.length === 0) return;
  const shown = verdict.faults.slice(0, 5).map((fault) => faultText(fault, displayName));
  const more = verdict.faults.length > 5 ? `; and ${verdict.faults.length - 5} more` : '';
  throw new StowageError(
    'corrupt',
    `what is in '${displayName(path)}' is not what was written: ${shown.join('; ')}${more}`,
    {
      facts: { faults: verdict.faults.length },
    },
  );
}

function isStop(error: unknown): boolean {
  return error instanceof StowageError
    ? error.code === 'interrupted'
    : error instanceof Error && error.name === 'AbortError';
}
